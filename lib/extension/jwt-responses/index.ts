/** JWT Secured Authorization Response Mode for OAuth 2.0 (JARM). Every public name. */
export { type JWTResponsesOptions, jwtResponses } from './server.js';
