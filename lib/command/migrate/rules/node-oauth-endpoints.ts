/** Endpoints, options and errors of @node-oauth/oauth2-server. */
import type { MigrationRule } from '../rule.js';
import { ERROR, OWN_GRANT } from './answers.js';

export const NODE_OAUTH_ENDPOINTS: readonly MigrationRule[] = [
  {
    name: 'authorize',
    pattern: /\.\s*authorize\s*\(|\bauthenticateHandler\b/,
    counts: 'near',
    found: 'the authorization endpoint',
    write: `router.get('/authorize', login, server.authorization(), dialog); // login sets ctx.state.user: what authenticateHandler gave
router.post('/authorize/decision', login, server.decision()); // new: the dialog, which the old library left to you`,
    changes:
      'The redirect URI must be one of the registered ones, letter by letter. The user is asked, unless server.authorization({ immediate }) says true. `allowed=false` in the request denies nothing any more.',
    docs: 'sessions-and-transactions.md#what-a-dialog-needs',
  },
  {
    name: 'token',
    pattern: /\.\s*token\s*\(/,
    counts: 'near',
    found: 'the token endpoint',
    write: `declare const authenticateClient: Middleware; // model-client makes it
router.post('/token', authenticateClient, server.token());`,
    changes:
      'A failed client authentication is 401 with a challenge where the `Authorization` header was tried, and 400 else (RFC 6749 §5.2).',
    docs: 'client-authentication.md#the-middleware',
  },
  {
    name: 'authenticate',
    pattern: /\.\s*authenticate\s*\(/,
    counts: 'near',
    found: 'an API that takes access tokens',
    write: `import { type BearerState, bearer, requireScope } from 'koauthorize/resource-server';

const api = new Router<BearerState>();
api.get('/me', bearer({ verify: tokens.verify }), requireScope('read'), (ctx) => {
  ctx.body = { user: ctx.state.token.subject }; // what stood in res.locals.oauth.token
});
koa.use(api.routes());`,
    changes: 'The token comes in the `Authorization` header only, not in the form.',
    relaxation: {
      write: `import { bearer } from 'koauthorize/resource-server';

bearer({ verify: tokens.verify, allowTokenInForm: true });`,
      givesUp: 'the rule that no form has a token',
    },
    docs: 'api-side.md',
  },
  {
    name: 'token-in-query',
    pattern: /\ballowBearerTokensInQueryString\b/,
    counts: 'anywhere',
    found: 'access tokens in the query of a URL',
    write: `import { bearer } from 'koauthorize/resource-server';

bearer({ verify: tokens.verify }); // in the header only`,
    changes: 'Clients that send the token in the query change to the header.',
    relaxation: {
      write: `import { bearer } from 'koauthorize/resource-server';

bearer({ verify: tokens.verify, allowTokenInQuery: true });`,
      givesUp: 'the rule that no URL has a token: logs and histories keep URLs',
    },
    docs: 'api-side.md',
  },
  {
    name: 'request-response',
    pattern: /\bnew\s+(?:\w+\s*\.\s*)?(?:Request|Response)\s*\(\s*(?:req|res|ctx|this|request|response)\b/,
    counts: 'near',
    found: 'a request or response in the form of the old library',
    write: `new Koa().use(session).use(server.errorHandler()).use(router.routes()); // endpoints are Koa middleware: no conversion`,
    docs: 'errors.md',
  },
  {
    name: 'lifetimes',
    pattern: /\b(?:accessToken|refreshToken|authorizationCode)Lifetime\b/,
    counts: 'near',
    found: 'a lifetime, of all clients or of one',
    write: `tokenService<App, User>({ ...service, lifetimes: (client) => (client.id === 'web' ? { accessToken: 300 } : {}) }); // seconds`,
    docs: 'recipes.md#lifetimes-by-client',
  },
  {
    name: 'no-client-authentication',
    pattern: /\brequireClientAuthentication\b/,
    counts: 'anywhere',
    found: 'grants for clients that do not authenticate',
    write: `import { clientAuthentication, none } from 'koauthorize/client-auth';

clientAuthentication<App>({
  server,
  clientID,
  registeredMethod: (client) => (client.isPublic ? 'none' : undefined),
  methods: [none()], // and those of the other clients
});`,
    changes:
      'Only clients that are registered as public leave out their authentication; they need PKCE, and may not use client credentials.',
    docs: 'client-authentication.md#which-method-for-which-client',
  },
  {
    name: 'kept-refresh-tokens',
    pattern: /\balwaysIssueNewRefreshToken\b/,
    counts: 'anywhere',
    found: 'whether a refresh gives a new refresh token',
    write: `tokenService<App, User>(service); // each refresh gives a new one`,
    changes: 'Clients that kept one refresh token for ever have to keep the new one at each refresh.',
    relaxation: {
      write: `tokenService<App, User>({ ...service, rotate: (client) => client.id !== 'old' }); // public clients rotate whatever this says`,
      givesUp: 'that a stolen refresh token of this client is noticed',
    },
    docs: 'token-service.md#rotation',
  },
  {
    name: 'plain-pkce',
    pattern: /\benablePlainPKCE\b/,
    counts: 'anywhere',
    found: 'PKCE by plain',
    write: `import { pkce } from 'koauthorize';

server.extend(pkce()); // S256 only`,
    changes: 'Clients send code_challenge_method=S256.',
    relaxation: {
      write: `import { pkce } from 'koauthorize';

server.extend(pkce({ allowPlain: true }));`,
      givesUp: 'protection against an attacker who can read the authorization request',
    },
    docs: 'extensions/pkce.md',
  },
  {
    name: 'grant-own',
    pattern: /\bextendedGrantTypes\b|\bextends\s+(?:\w+\s*\.\s*)?AbstractGrantType\b/,
    counts: 'anywhere',
    found: 'a grant type of your own',
    ...OWN_GRANT,
  },
  {
    name: 'errors',
    pattern:
      /\b(?:OAuthError|AccessDeniedError|InsufficientScopeError|InvalidArgumentError|InvalidClientError|InvalidGrantError|InvalidRequestError|InvalidScopeError|InvalidTokenError|UnauthorizedClientError|UnauthorizedRequestError|Unsupported(?:GrantType|ResponseType)Error)\b/,
    counts: 'near',
    found: 'an error of the protocol',
    ...ERROR,
  },
];
