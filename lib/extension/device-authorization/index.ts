/** RFC 8628, `koauthorize/device-authorization`: devices without a browser. Every public name. */
export type { RequestOrigin } from './kept.js';
export type { DeviceAuthorizationOptions, DeviceConnection } from './options.js';
export { deviceAuthorization } from './server.js';
export type { DeviceState, DeviceVerification } from './state.js';
