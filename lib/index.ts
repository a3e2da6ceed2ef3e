/** Every public name of the core. */

export type { AuthorizationOptions } from './authorization/authorization.js';
export type { DecisionOptions, LoadOptions } from './authorization/decision.js';
export type { RenewalOptions } from './authorization/renew.js';
export type {
  AuthorizationCall,
  Complete,
  DecisionCall,
  DecisionInput,
  Immediate,
  ImmediateResult,
  ImmediateTransaction,
  NamedCallbacks,
  ParseDecision,
  ResumeCall,
  SpreadableMiddleware,
  Validate,
  Validated,
  ValidateRequest,
} from './callbacks.js';
export type {
  AllowedOrigins,
  Core,
  EndpointURLs,
  Extension,
  KnownParameters,
  Layer,
  Locations,
  Plug,
  Route,
} from './core.js';
export type { ErrorHandlerOptions } from './error-handler/error-handler.js';
export { AnsweredError } from './errors/answered-error.js';
export { AuthorizationError } from './errors/authorization-error.js';
export { BadRequestError } from './errors/bad-request-error.js';
export type { AuthorizationErrorCodes, TokenErrorCodes } from './errors/codes.js';
export { ForbiddenError } from './errors/forbidden-error.js';
export { OAuth2Error, type OAuth2ErrorOptions } from './errors/oauth2-error.js';
export { Reason, type ReasonValues } from './errors/reason.js';
export { TokenError } from './errors/token-error.js';
export { WrongKeyError } from './errors/wrong-key-error.js';
export type { CheckedCode, ExchangeCode } from './exchange/authorization-code.js';
export type { CheckedClientCredentials, ExchangeClientCredentials } from './exchange/client-credentials.js';
export * as exchange from './exchange/index.js';
export type { Issued } from './exchange/issued.js';
export type { ExchangeOptions } from './exchange/options.js';
export type { CheckedPassword, Credentials, ExchangePassword } from './exchange/password.js';
export type { CheckedRefreshToken, ExchangeRefreshToken } from './exchange/refresh-token.js';
export type { AuthorizationDetail, AuthorizationDetails } from './extension/authorization-details/detail.js';
export type { AuthorizationDetailsOptions, DetailType } from './extension/authorization-details/options.js';
export { authorizationDetails } from './extension/authorization-details/server.js';
export type { BackchannelDecision } from './extension/backchannel-authentication/decide.js';
export type {
  BackchannelAuthenticationOptions,
  BackchannelRequest,
  UserHint,
} from './extension/backchannel-authentication/options.js';
export {
  type BackchannelAuthenticationPlug,
  backchannelAuthentication,
} from './extension/backchannel-authentication/server.js';
export type { BackchannelPage, BackchannelState } from './extension/backchannel-authentication/state.js';
export { type CertificateBoundOptions, certificateBoundTokens } from './extension/certificate-bound-tokens/server.js';
export { type ClientFacts, clientFacts } from './extension/client-id-metadata/facts.js';
export type { ClientIDMetadataOptions, DocumentedClient } from './extension/client-id-metadata/options.js';
export { clientIDMetadata } from './extension/client-id-metadata/server.js';
export type {
  AcceptInitialAccess,
  ClientRegistrationOptions,
  InitialAccessTokens,
  RegistrationRequest,
} from './extension/client-registration/options.js';
export type { ClientRegistry, RegisteredClient } from './extension/client-registration/registered.js';
export { clientRegistration } from './extension/client-registration/server.js';
export type { SoftwareStatements, StatementIssuer } from './extension/client-registration/statement-options.js';
export { type RegisteredClientsOptions, registeredClients } from './extension/client-registration/store.js';
export type { DeviceAuthorizationOptions, DeviceConnection } from './extension/device-authorization/options.js';
export { deviceAuthorization } from './extension/device-authorization/server.js';
export type { DeviceState, DeviceVerification } from './extension/device-authorization/state.js';
export { type DPoPNonceOptions, type DPoPNonces, dpopNonces } from './extension/dpop/nonce.js';
export type { DPoPOptions } from './extension/dpop/options.js';
export { dpop } from './extension/dpop/server.js';
export { issueIDJAG } from './extension/id-jag/issue.js';
export { idJAG } from './extension/id-jag/server.js';
export { issueGrants } from './extension/identity-chaining/server.js';
export {
  type Introspect,
  type IntrospectionOptions,
  type IntrospectionResponse,
  introspection,
} from './extension/introspection/server.js';
export { type IssuerOptions, issuer } from './extension/issuer/server.js';
export { type JWKSOptions, jwks, type PublishedKeys } from './extension/jwks/server.js';
export type { Asserted } from './extension/jwt-bearer/authorization.js';
export type { AssertedAuthorization, JWTBearerOptions, PresentedAssertion } from './extension/jwt-bearer/options.js';
export { jwtBearer } from './extension/jwt-bearer/server.js';
export { type JWTResponsesOptions, jwtResponses } from './extension/jwt-responses/server.js';
export type { EndSession } from './extension/logout/finish.js';
export type { LogoutOptions } from './extension/logout/options.js';
export { type LogoutPlug, logout } from './extension/logout/server.js';
export type { Logout, LogoutState } from './extension/logout/state.js';
export { type MetadataPathsOptions, metadataPaths } from './extension/metadata/paths.js';
export { type MetadataOptions, type MetadataServing, metadata } from './extension/metadata/server.js';
export type { IDTokenResponseType, OpenIDOptions, PromptValue } from './extension/openid/options.js';
export { openid } from './extension/openid/server.js';
export { type PKCEOptions, pkce } from './extension/pkce/server.js';
export type { PushedRequestsOptions } from './extension/pushed-requests/options.js';
export { pushedRequests } from './extension/pushed-requests/server.js';
export { refreshTokenExpiration } from './extension/refresh-token-expiration/server.js';
export type { RequestObjectsOptions } from './extension/request-objects/options.js';
export { requestObjects } from './extension/request-objects/server.js';
export type { Resource, ResourceIndicatorsOptions } from './extension/resource-indicators/options.js';
export { resourceIndicators } from './extension/resource-indicators/server.js';
export { type RevocationOptions, type Revoke, revocation } from './extension/revocation/server.js';
export { type ScopesOptions, scopes } from './extension/scopes/server.js';
export type { SessionManagementOptions } from './extension/session-management/options.js';
export { type SessionManagementPlug, sessionManagement } from './extension/session-management/server.js';
export { type StepUp, type StepUpOptions, stepUp } from './extension/step-up/server.js';
export type { TokenExchangeOptions } from './extension/token-exchange/options.js';
export { tokenExchange } from './extension/token-exchange/server.js';
export type { CheckReport, Finding, Severity } from './findings.js';
export type { CheckedGrantCode, ExtendResponse, GrantCode } from './grant/code.js';
export * as grant from './grant/index.js';
export type { CheckedGrantToken, GrantToken } from './grant/token.js';
export { requestTarget } from './http/request-target.js';
export type {
  AccessTokenTerms,
  AllowedInSession,
  Check,
  ConnectedTokens,
  EphemeralStore,
  ErrorResponder,
  Exchange,
  Grant,
  GrantModule,
  GrantModuleOf,
  GrantOptions,
  LoginSession,
  Redemption,
  RequestParser,
  Respond,
  ResponseMode,
  ResponseModeFunction,
  ResponseModes,
  ServerFacts,
  SigningKey,
  SigningKeys,
  TransactionOptions,
  TransactionStore,
} from './plugs.js';
export { type Refusal, refusalOf } from './refusal/refusal.js';
export { traceIDOf } from './refusal/trace-id.js';
export { createServer, errorHandler } from './server/create.js';
export type { MountingRouter, MountOptions } from './server/mount.js';
export type { Server } from './server/server.js';
export type { ServerOptions } from './server-options.js';
export type { OAuth2State } from './state.js';
export type {
  AskedRequest,
  AuthorizationSteps,
  ClientLookup,
  JudgedRequest,
  Outcome,
  TokenInquiry,
  TokenSteps,
} from './steps.js';
export { covers, scopeOf } from './syntax/scope.js';
export { setAuthenticatedClient } from './token/authenticated-client.js';
export type { TokenOptions } from './token/token.js';
export { cookieTransactions } from './transaction/cookies.js';
export { sessionTransactions } from './transaction/session.js';
export type {
  AuthenticationEvent,
  Authorization,
  AuthorizationRequest,
  Awaitable,
  Claims,
  Client,
  ClientMetadata,
  Confirmation,
  Decision,
  FormBody,
  IdentifiedBy,
  IssuedTokens,
  Locals,
  Params,
  RedirectURI,
  ResponseParams,
  Scope,
  ServerMetadata,
  TokenRequest,
  TokenRequestParts,
  TokenResponse,
  Transaction,
  TransactionRecord,
} from './types.js';
