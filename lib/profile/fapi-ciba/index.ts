/** FAPI CIBA: `koauthorize/profile/fapi-ciba`. */
export type { Binding } from '../facts.js';
export { type FAPICIBAOptions, fapiCIBA } from './server.js';
