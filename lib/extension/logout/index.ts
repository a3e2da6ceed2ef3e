/** OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0. Every public name. */
export type { LogoutOptions } from './options.js';
export { logout } from './server.js';
export type { Logout, LogoutState } from './state.js';
