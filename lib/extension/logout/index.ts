/** OpenID Connect RP-Initiated, Back-Channel and Front-Channel Logout 1.0. Every public name. */
export type { EndSession } from './finish.js';
export type { LogoutOptions } from './options.js';
export { type LogoutPlug, logout } from './server.js';
export type { Logout, LogoutState } from './state.js';
