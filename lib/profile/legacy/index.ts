/** OAuth 2.0 as before RFC 9700, by named exceptions: `koauthorize/profile/legacy`. */
export type { LegacyOptions } from './options.js';
export { legacy } from './server.js';
