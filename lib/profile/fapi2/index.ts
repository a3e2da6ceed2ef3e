/** FAPI 2.0 Security Profile: `koauthorize/profile/fapi2`. */
export type { Binding } from '../facts.js';
export type { FAPI2Options } from './options.js';
export { fapi2 } from './server.js';
