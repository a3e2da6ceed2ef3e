/** RFC 9101: JWT-Secured Authorization Request (JAR). Every public name. */
export type { RequestObjectsOptions } from './options.js';
export { requestObjects } from './server.js';
