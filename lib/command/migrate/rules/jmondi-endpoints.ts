/** Endpoints, adapters, lifetimes and options of @jmondi/oauth2-server. */
import type { MigrationRule } from '../rule.js';
import { ERROR, withoutPKCE } from './answers.js';

export const JMONDI_ENDPOINTS: readonly MigrationRule[] = [
  {
    name: 'authorize',
    pattern: /\bvalidateAuthorizationRequest\s*\(/,
    counts: 'anywhere',
    found: 'the authorization endpoint',
    write: `router.get('/authorize', login, server.authorization(), dialog);`,
    changes:
      'The redirect URI must be one of the registered ones, letter by letter. Errors go to the client, with `state`, once its redirect URI is trusted (RFC 6749 §4.1.2.1).',
    docs: 'coming-from-jmondi-oauth2-server.md#what-is-different-and-why',
  },
  {
    name: 'complete',
    pattern: /\b(?:completeAuthorizationRequest\s*\(|isAuthorizationApproved\b)/,
    counts: 'anywhere',
    found: 'the answer to the dialog',
    write: `router.post('/authorize/decision', login, server.decision()); // the form posts transaction_id, and cancel to deny`,
    changes:
      'A denial is `access_denied`, which the client is told. Where every request is allowed, say server.authorization({ immediate: () => true }).',
    docs: 'sessions-and-transactions.md#what-a-dialog-needs',
  },
  {
    name: 'token',
    pattern: /\brespondToAccessTokenRequest\s*\(/,
    counts: 'anywhere',
    found: 'the token endpoint',
    write: `declare const authenticateClient: Middleware; // client-repository makes it
router.post('/token', authenticateClient, server.token());`,
    changes:
      'Access tokens are opaque, unless you say jwt(). The `audience` of a request no longer becomes the `aud` of the token.',
    docs: 'client-authentication.md',
  },
  {
    name: 'revoke',
    pattern: /\.\s*revoke\s*\(\s*(?:req|request|await|ctx|event)/,
    counts: 'near',
    found: 'the revocation endpoint',
    write: `import { revocation } from 'koauthorize';

declare const authenticateClient: Middleware; // that of the token endpoint
router.post('/token/revoke', authenticateClient, server.endpoint(revocation(tokens.revoke)));`,
    docs: 'extensions/revocation.md',
  },
  {
    name: 'introspect',
    pattern: /\.\s*introspect\s*\(\s*(?:req|request|await|ctx|event)/,
    counts: 'near',
    found: 'the introspection endpoint',
    write: `import { introspection } from 'koauthorize';

declare const authenticateClient: Middleware; // that of the token endpoint
const isAPI = (client: App) => client.id === 'api';
router.post('/token/introspect', authenticateClient, server.endpoint(introspection(tokens.introspect, { resourceServer: isAPI })));`,
    changes: 'A client is told of its own tokens only; an API is told of all (RFC 7662 §4).',
    docs: 'extensions/introspection.md',
  },
  {
    name: 'adapter',
    pattern:
      /\b(?:(?:request|response)(?:From|To)(?:Express|Fastify|H3|Vanilla)|handle(?:Express|Fastify|H3|Vanilla)(?:Response|Error|Reply))\s*\(/,
    counts: 'anywhere',
    found: 'an adapter of a framework',
    write: `new Koa().use(session).use(server.errorHandler()).use(router.routes()); // endpoints are Koa middleware, and errors are answered by errorHandler()`,
    docs: 'errors.md',
  },
  {
    name: 'date-interval',
    pattern: /\bnew\s+(?:\w+\s*\.\s*)?DateInterval\s*\(/,
    counts: 'anywhere',
    found: 'a lifetime',
    write: `tokenService<App, User>({ ...service, lifetimes: { accessToken: 3600, refreshToken: 30 * 86_400 } }); // seconds`,
    docs: 'token-service.md#options',
  },
  {
    name: 'jwt-service',
    pattern: /\b(?:new|extends)\s+(?:\w+\s*\.\s*)?JwtService\b|\bextraTokenFields\b/,
    counts: 'anywhere',
    found: 'the maker of JWTs',
    write: `import { generateSigningKey, jwt, keySet } from 'koauthorize/tokens';

const keys = await keySet({ signing: await generateSigningKey('ES256') }); // in production from your configuration: koauthorize keys make
createServer<App, User>({
  issuer: 'https://as.example',
  clientID,
  keys,
  tokens: tokenService<App, User>({ ...service, accessTokens: jwt({ audience: 'https://api.example' }) }),
}).extend({ name: 'department', token: { check: () => ({ claims: { department: 'wonders' } }) } }); // claims of your own`,
    changes:
      'JWTs have the claims of RFC 9068 (`client_id`, not `cid`), and a public key verifies them: an API that can verify can no longer sign.',
    docs: 'recipes.md#claims-in-jwts-and-in-introspection',
  },
  {
    name: 'pkce-off',
    pattern: /\brequires(?:PKCE|S256)\s*:\s*false\b/,
    counts: 'anywhere',
    found: 'PKCE that is not required, or may be plain',
    write: `import { pkce } from 'koauthorize';

server.extend(pkce()); // every client sends a challenge, by S256`,
    changes: 'Clients without a `code_challenge` are refused.',
    relaxation: withoutPKCE('id'),
    docs: 'extensions/pkce.md',
  },
  {
    name: 'options',
    pattern:
      /\b(?:tokenCID|scopeDelimiter|useOpaque(?:AuthorizationCodes|RefreshTokens)|authenticate(?:Introspect|Revoke)|implicitRedirectMode|notBeforeLeeway)\b/,
    counts: 'anywhere',
    found: 'an option of the old server',
    write: `import { exchange, grant } from 'koauthorize';

server.grant(grant.code({ scopeSeparator: ',' }, tokens.code)).exchange(exchange.refreshToken({ scopeSeparator: ',' }, tokens.refreshToken)); // scopeDelimiter`,
    changes:
      'Codes and refresh tokens are always opaque, callers of introspection and revocation always authenticate, and the claim of the client is `client_id`.',
    docs: 'coming-from-jmondi-oauth2-server.md#where-things-are',
  },
  {
    name: 'errors',
    pattern: /\bOAuthException\b/,
    counts: 'anywhere',
    found: 'an error of the protocol',
    ...ERROR,
  },
];
