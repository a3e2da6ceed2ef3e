/** CIBA, `koauthorize/backchannel-authentication`: users are asked on their own device, for a client elsewhere. Every public name. */
export type { BackchannelDecision } from './decide.js';
export type { BackchannelAuthenticationOptions, BackchannelRequest, UserHint } from './options.js';
export { type BackchannelAuthenticationPlug, backchannelAuthentication } from './server.js';
export type { BackchannelPage, BackchannelState } from './state.js';
