/** RFC 8707: `koauthorize/resource-indicators`. */
export type { Resource, ResourceIndicatorsOptions } from './options.js';
export { resourceIndicators } from './server.js';
