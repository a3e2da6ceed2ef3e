/** Every public name of the registration of clients. */
export type {
  AcceptInitialAccess,
  ClientRegistrationOptions,
  InitialAccessTokens,
  RegistrationRequest,
} from './options.js';
export type { ClientRegistry, RegisteredClient } from './registered.js';
export { clientRegistration } from './server.js';
export type { SoftwareStatements, StatementIssuer } from './statement-options.js';
export { type RegisteredClientsOptions, registeredClients } from './store.js';
