/** The server, grants, repositories and options of @jmondi/oauth2-server. */
import type { MigrationRule } from '../rule.js';
import { CODES_INSTEAD, IMPLICIT_FOR_A_WHILE, OWN_GRANT, PASSWORD } from './answers.js';

export const JMONDI_PARTS: readonly MigrationRule[] = [
  {
    name: 'create-server',
    pattern: /\bnew\s+(?:\w+\s*\.\s*)?AuthorizationServer\s*\(/,
    counts: 'anywhere',
    found: 'the server',
    write: `import { exchange, metadata, pkce, scopes } from 'koauthorize';

server
  .exchange(exchange.refreshToken(tokens.refreshToken)) // the old library enables it, and client_credentials, from the start
  .extend(pkce())
  .extend(scopes(['read', 'write'])); // OAuthScopeRepository
router.all('/.well-known/oauth-authorization-server', server.endpoint(metadata())); // new: clients, doctor and attack find the endpoints by it`,
    changes:
      'Clients get `iss` with each authorization response (RFC 9207). Codes and tokens are opaque texts; codes are good for 60 seconds, not for 15 minutes.',
    docs: 'coming-from-jmondi-oauth2-server.md#where-things-are',
  },
  {
    name: 'enable-grants',
    pattern: /\benableGrantTypes?\s*\(/,
    counts: 'anywhere',
    found: 'grant types that are enabled',
    write: `import { exchange, grant } from 'koauthorize';

server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)); // authorization_code
server.exchange(exchange.clientCredentials(tokens.clientCredentials)); // client_credentials`,
    changes:
      'A bad code or refresh token is `invalid_grant`, not `invalid_request`: on this code, clients delete their tokens (RFC 6749 §5.2).',
    docs: 'coming-from-jmondi-oauth2-server.md#where-things-are',
  },
  {
    name: 'grant-implicit',
    pattern: /(?:\(\s*|\[\s*|,\s*|grant:\s*)['"`]implicit['"`]/,
    counts: 'only near',
    found: 'the implicit grant',
    write: CODES_INSTEAD,
    changes:
      'Clients of the implicit grant change to the code grant with PKCE. A token is never sent in the query, which was the default there.',
    ...IMPLICIT_FOR_A_WHILE,
  },
  {
    name: 'grant-password',
    pattern: /grant:\s*['"`]password['"`]/,
    counts: 'near',
    found: 'the password grant: the client sees the password of the user',
    ...PASSWORD,
  },
  {
    name: 'grant-token-exchange',
    pattern: /\bprocessTokenExchange\b/,
    counts: 'anywhere',
    found: 'token exchange (RFC 8693)',
    write: `import { tokenExchange } from 'koauthorize';

server.extend(tokenExchange({ allow: ({ client, subject }) => client.id === 'orders' && subject.clientID === 'shop' && { scope: ['read'] } }));`,
    docs: 'extensions/token-exchange.md',
  },
  {
    name: 'grant-own',
    pattern: /\bextends\s+(?:AbstractGrant|AbstractAuthorizedGrant|CustomGrant)\b/,
    counts: 'anywhere',
    found: 'a grant of your own',
    ...OWN_GRANT,
  },
  {
    name: 'client-repository',
    pattern: /\bOAuthClientRepository\b/,
    counts: 'anywhere',
    found: 'the repository of clients',
    write: `import { clientAuthentication, clientSecretBasic, clientSecretPost, none } from 'koauthorize/client-auth';

const authenticateClient = clientAuthentication<App>({
  server,
  clientID,
  registeredMethod: (client) => (client.secret ? undefined : 'none'), // with a secret: in the header or in the form
  methods: [clientSecretBasic({ compare: isSecretOf }), clientSecretPost({ compare: isSecretOf }), none()],
});
server.extend(authenticateClient);`,
    changes:
      'Basic is form-decoded (RFC 6749 §2.3.1), and two methods in one request are refused. A failure has a `WWW-Authenticate` challenge.',
    docs: 'client-authentication.md',
  },
  {
    name: 'token-repository',
    pattern: /\b(?:OAuthTokenRepository|OAuthAuthCodeRepository)\b/,
    counts: 'anywhere',
    found: 'a repository of tokens or codes',
    write: `import type { AdoptedToken } from 'koauthorize/tokens';

// verifies the JWT, then asks your repository. A store of ours has the new tokens; your tables serve adopt only
declare const adopt: (token: string) => Promise<AdoptedToken<User> | undefined>;
tokenService<App, User>({ ...service, adopt }); // in place of the service above`,
    changes:
      'Refresh tokens that clients hold are honoured once, and replaced. One that comes again later ends its whole family.',
    docs: 'coming-over.md#jmondioauth2-server',
  },
  {
    name: 'scope-repository',
    pattern: /\bOAuthScopeRepository\b/,
    counts: 'anywhere',
    found: 'the repository of scopes',
    write: `import { scopes } from 'koauthorize';

scopes(['read', 'write']); // plugged in once, with the server. What finalize() did: the dialog gives the scope, or the callback of the grant`,
    changes: 'A scope that a client did not register is refused with `invalid_scope`.',
    docs: 'extensions/scopes.md',
  },
  {
    name: 'user-repository',
    pattern: /\bOAuthUserRepository\b/,
    counts: 'anywhere',
    found: 'the repository of users',
    write: `const yourLogin: Middleware = async (ctx, next) => {
  ctx.state['user'] = { id: 'alice' }; // who is logged in, by your session: a User
  await next();
};`,
    docs: 'sessions-and-transactions.md#login',
  },
  {
    name: 'entities',
    pattern: /\b(?:OAuth(?:Client|User|Token|Scope|AuthCode)|GrantIdentifier|generateRandomToken)\b/,
    counts: 'only near',
    found: 'an entity, or what makes one',
    write: `const yourClient: App = { id: '1', secret: null, redirectUris: [], allowedGrants: [], scopes: [] }; // OAuthClient and OAuthUser stay as types of yours
const found = (token: string) => tokens.verify(token); // OAuthToken, OAuthAuthCode: the token service makes and keeps them`,
    docs: 'token-service.md#what-it-does',
  },
];
