/** The server of oidc-provider, its accounts, interactions and storage. */
import type { MigrationRule } from '../rule.js';
import { withoutPKCE } from './answers.js';

export const OIDC_PROVIDER_PARTS: readonly MigrationRule[] = [
  {
    name: 'create-server',
    pattern: /\bnew\s+(?:\w+\s*\.\s*)?\w*Provider\s*\(/,
    counts: 'only near',
    found: 'the server',
    write: `import { exchange, grant, jwks, metadata, openid, pkce } from 'koauthorize';

server
  .grant(grant.code(tokens.code))
  .exchange(exchange.code(tokens.code))
  .exchange(exchange.refreshToken(tokens.refreshToken))
  .extend(pkce(), openid());
router.all('/jwks', server.endpoint(jwks(keys)));
router.all('/me', server.route('userinfo'));
router.all('/.well-known/openid-configuration', server.endpoint(metadata()));`,
    changes:
      'Every client has to send a code_challenge, by S256; there, only public clients had to. Refresh tokens rotate for confidential clients, too.',
    relaxation: withoutPKCE('client_id'),
    docs: 'extensions/openid.md',
  },
  {
    name: 'mounting',
    pattern: /\.\s*callback\s*\(\s*\)|\b(?:provider|oidc|op)\s*\.\s*(?:listen|app|proxy|use)\b/,
    counts: 'only near',
    found: 'the server as an application of its own',
    write: `server.mount(router); // the endpoints on a router of yours, in an application of yours
koa.proxy = true; // behind a proxy that sets X-Forwarded-*`,
    docs: 'running-it.md#tls-and-proxies',
  },
  {
    name: 'find-account',
    pattern: /\bfindAccount\b/,
    counts: 'anywhere',
    found: 'the look-up of accounts, and their claims',
    write: `import { openid } from 'koauthorize';

server.extend(openid({ findUser: (id) => db.users.find(id), claims: ({ name }) => ({ name }) }));`,
    docs: 'extensions/openid.md#claims',
  },
  {
    name: 'interaction',
    pattern: /\binteraction(?:Details|Finished|Result)\s*\(|\bdevInteractions\b/,
    counts: 'anywhere',
    found: 'login and consent pages (interactions)',
    write: `router.get('/auth', login, server.authorization(), dialog); // ctx.state.oauth2: transactionID, client, req, prompts
router.post('/auth/decision', login, server.decision()); // consent: the form posts transaction_id, and cancel to deny
router.post('/login', async (ctx) => {
  const logIn = () => {
    ctx['session'] = { user: 'alice' }; // your login: check the password first
  };
  const goesOn = await server.renewSession(ctx, logIn, { transactionID: String(ctx.query['transaction_id']), done: ['login'] });
  ctx.redirect(\`/auth/resume?transaction_id=\${goesOn}\`);
});
router.get('/auth/resume', login, server.resume(() => false), dialog);`,
    docs: 'extensions/openid.md#what-your-pages-have-to-ask',
  },
  {
    name: 'adapter',
    pattern: /\badapter\s*:|\b(?:upsert|findByUid|findByUserCode|revokeByGrantId)\s*\(/,
    counts: 'near',
    found: 'an adapter: where tokens, grants and sessions are kept',
    write: `import type { AdoptedToken } from 'koauthorize/tokens';

// by RefreshToken, Grant and Session of your adapter, which serves adopt only
declare const adopt: (token: string) => Promise<AdoptedToken<User> | undefined>;
tokenService<App, User>({ ...service, adopt }); // in place of the service above`,
    changes:
      'Refresh tokens that clients hold are honoured once, and replaced. Access tokens of the old server end with it.',
    docs: 'coming-over.md#oidc-provider',
  },
  {
    name: 'jwks',
    pattern: /\bjwks\s*:/,
    counts: 'only near',
    found: 'the signing keys',
    write: `import { jwks } from 'koauthorize';

router.all('/jwks', server.endpoint(jwks(keys))); // keys: keySet({ signing }), with the same private JWKs`,
    docs: 'extensions/jwks.md',
  },
  {
    name: 'clients',
    pattern: /\bclients\s*:\s*\[|\bclientDefaults\b|\bextraClientMetadata\b/,
    counts: 'only near',
    found: 'clients',
    write: `import { clientAuthentication, clientSecretBasic, none } from 'koauthorize/client-auth';

const authenticateClient = clientAuthentication<App>({ server, methods: [clientSecretBasic(), none()] }); // and privateKeyJwt(), tlsClientAuth() ...
router.post('/token', authenticateClient, server.token());`,
    changes:
      'A client authenticates by the method that it registered. A member of a registration that nothing obeys is refused, and never ignored.',
    docs: 'client-authentication.md#which-method-for-which-client',
  },
  {
    name: 'scopes-claims',
    pattern: /\b(?:scopes|claims)\s*:\s*[[{]/,
    counts: 'only near',
    found: 'scopes, and the claims that they ask for',
    write: `import { openid, scopes } from 'koauthorize';

server.extend(openid({ scopeClaims: { groups: ['groups'] } }), scopes(['openid', 'profile', 'email', 'groups']));`,
    changes: 'A scope that a client did not register is refused with `invalid_scope`.',
    docs: 'extensions/openid.md#claims',
  },
  {
    name: 'lifetimes',
    pattern: /\bttl\s*:/,
    counts: 'only near',
    found: 'lifetimes',
    write: `import { openid } from 'koauthorize';

tokenService<App, User>({ ...service, lifetimes: { accessToken: 3600, refreshToken: 14 * 86_400 } }); // seconds
server.extend(openid({ idTokenLifetime: 3600 }));`,
    docs: 'recipes.md#lifetimes-by-client',
  },
  {
    name: 'refresh-tokens',
    pattern: /\b(?:rotateRefreshToken|issueRefreshToken)\b/,
    counts: 'anywhere',
    found: 'who is given refresh tokens, and whether they rotate',
    write: `tokenService<App, User>({ ...service, refreshTokens: (_client, { scope }) => scope.includes('offline_access') });`,
    changes:
      'Each refresh gives a new refresh token. A spent one that comes again ends its family, except within 10 seconds.',
    relaxation: {
      write: `tokenService<App, User>({ ...service, rotate: (client) => client.client_id !== 'old' });`,
      givesUp: 'that a stolen refresh token of this client is noticed',
    },
    docs: 'token-service.md#rotation',
  },
  {
    name: 'models',
    pattern:
      /\b(?:provider|oidc|op)\s*\.\s*(?:Client|Grant|Session|AccessToken|RefreshToken|AuthorizationCode|DeviceCode|ClientCredentials|Interaction)\b/,
    counts: 'near',
    found: 'a model of the old server: its clients, grants, sessions or tokens',
    write: `const connected = (user: User) => tokens.listAuthorizations(user); // what a user has allowed; remember consents in a table of yours
const disconnect = (user: User, id: string) => tokens.revokeAuthorization(user, id); // Grant.destroy()
const lookUp = (token: string) => tokens.verify(token); // AccessToken.find(); clients are in db.clients, sessions are yours`,
    docs: 'token-service.md#connected-apps',
  },
  {
    name: 'events',
    pattern: /\b(?:provider|oidc|op)\s*\.\s*(?:on|once)\s*\(/,
    counts: 'near',
    found: 'events of the old server',
    write: `koa.on('error', (error) => console.error(error)); // server_error
koa.on('refusal', (refusal) => console.warn(refusal)); // authorization.error, grant.error: the rule, and what to do about it`,
    docs: 'errors.md#what-the-operator-gets',
  },
];
