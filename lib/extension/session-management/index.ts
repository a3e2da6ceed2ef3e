/** OpenID Connect Session Management 1.0. Every public name. */
export type { SessionManagementOptions } from './options.js';
export { type SessionManagementPlug, sessionManagement } from './server.js';
