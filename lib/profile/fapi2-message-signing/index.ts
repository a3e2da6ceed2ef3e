/** FAPI 2.0 Message Signing: `koauthorize/profile/fapi2-message-signing`. */
export type { Binding } from '../facts.js';
export { type FAPI2MessageSigningOptions, fapi2MessageSigning } from './server.js';
