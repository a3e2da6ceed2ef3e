/** draft-ietf-oauth-identity-assertion-authz-grant, `koauthorize/id-jag`: ID-JAGs, of the identity provider and of the server that accepts them. Every public name. */
export { idJAG } from './server.js';
