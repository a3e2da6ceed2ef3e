/** Options and features of oidc-provider. */
import type { MigrationRule } from '../rule.js';
import { OWN_GRANT, withoutPKCE } from './answers.js';

const AUTHENTICATED = 'declare const authenticateClient: Middleware; // that of the token endpoint\n';

export const OIDC_PROVIDER_FEATURES: readonly MigrationRule[] = [
  {
    name: 'pkce',
    pattern: /\bpkce\s*:/,
    counts: 'only near',
    found: 'who needs PKCE',
    write: `import { pkce } from 'koauthorize';

server.extend(pkce()); // everybody`,
    changes: 'Clients without a `code_challenge` are refused.',
    relaxation: withoutPKCE('client_id'),
    docs: 'extensions/pkce.md',
  },
  {
    name: 'response-types',
    pattern: /\bresponseTypes\s*:/,
    counts: 'near',
    found: 'response types',
    write: `import { grant, openid } from 'koauthorize';

server.grant(grant.code(tokens.code)).extend(openid({ responseTypes: ['code id_token'] })); // beside those of the grants; without it, code`,
    changes: '`response_type=none` is not there. An ID token that comes by way of the browser needs this option.',
    docs: 'extensions/openid.md#response-types',
  },
  {
    name: 'routes',
    pattern: /\broutes\s*:\s*\{/,
    counts: 'only near',
    found: 'the paths of the endpoints',
    write: `createServer<App, User>({ issuer: 'https://op.example', endpoints: { authorization: '/auth', token: '/token', userinfo: '/me' } });`,
    docs: 'options.md#createserver',
  },
  {
    name: 'extra-claims',
    pattern: /\bextraTokenClaims\b/,
    counts: 'anywhere',
    found: 'claims of your own in access tokens',
    write: `server.extend({ name: 'department', token: { check: ({ subject }) => ({ claims: { department: subject === 'alice' ? 'wonders' : 'none' } }) } });`,
    docs: 'recipes.md#claims-in-jwts-and-in-introspection',
  },
  {
    name: 'pairwise',
    pattern: /\bpairwiseIdentifier\b/,
    counts: 'anywhere',
    found: 'pairwise subjects',
    write: `import { openid } from 'koauthorize';

declare const pairwiseIdentifier: (subject: string, sector: string) => string; // the same calculation, or each user is a new one
server.extend(openid({ pairwise: (subject, sector) => pairwiseIdentifier(subject, sector) }));`,
    docs: 'extensions/openid.md#subjects',
  },
  {
    name: 'grant-own',
    pattern: /\bregisterGrantType\s*\(/,
    counts: 'anywhere',
    found: 'a grant type of your own',
    ...OWN_GRANT,
  },
  {
    name: 'client-credentials',
    pattern: /\bclientCredentials\s*:/,
    counts: 'near',
    found: 'the client credentials grant',
    write: `import { exchange } from 'koauthorize';

server.exchange(exchange.clientCredentials(tokens.clientCredentials)); // the scope that the client registered`,
    docs: 'token-service.md#options',
  },
  {
    name: 'introspection',
    pattern: /\b(?:introspection|jwtIntrospection)\s*:/,
    counts: 'near',
    found: 'introspection',
    write: `import { introspection } from 'koauthorize';

${AUTHENTICATED}const isAPI = (client: App) => client.client_id === 'api';
router.post('/token/introspection', authenticateClient, server.endpoint(introspection(tokens.introspect, { resourceServer: isAPI })));`,
    changes: 'A client is told of its own tokens only; an API is told of all (RFC 7662 §4).',
    docs: 'extensions/introspection.md',
  },
  {
    name: 'revocation',
    pattern: /\brevocation\s*:/,
    counts: 'near',
    found: 'revocation',
    write: `import { revocation } from 'koauthorize';

${AUTHENTICATED}router.post('/token/revocation', authenticateClient, server.endpoint(revocation(tokens.revoke)));`,
    docs: 'extensions/revocation.md',
  },
  {
    name: 'registration',
    pattern: /\bregistration(?:Management)?\s*:\s*\{/,
    counts: 'near',
    found: 'registration of clients',
    write: `import { clientRegistration, createServer as create, type RegisteredClient, registeredClients } from 'koauthorize';

const store = memoryStore();
const open = create<RegisteredClient, User>({ issuer: 'https://op.example', tokens: tokenService<RegisteredClient, User>({ store }) });
open.extend(clientRegistration({ clients: registeredClients(store), initialAccess: (token) => token === 'an invitation' }));
router.all('/reg', open.route('registration'));
router.all('/reg/client', open.route('client_configuration'));`,
    changes:
      'Registration access tokens of the old server are unknown here: clients that manage their registration register again.',
    docs: 'extensions/client-registration.md',
  },
  {
    name: 'logout',
    pattern: /\b(?:rpInitiatedLogout|backchannelLogout)\b/,
    counts: 'anywhere',
    found: 'logout',
    write: `import { logout } from 'koauthorize';

server.extend(logout({ end: (ctx) => { ctx['session'] = null; } })); // tells the other clients of the session, too
router.all('/session/end', login, server.route('end_session'), dialog);
router.all('/logout/decision', login, server.route('end_session_decision'), dialog);`,
    docs: 'extensions/logout.md',
  },
];
