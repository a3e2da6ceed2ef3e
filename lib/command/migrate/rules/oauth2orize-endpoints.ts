/** Endpoints of oauth2orize and of oauth2orize-koa, and the code around them. */
import type { MigrationRule } from '../rule.js';
import { ERROR } from './answers.js';

/**
 * A function at the place of an argument, with the parameters that oauth2orize passes to `immediate`; or two callbacks, by their names. A parameter `ares`
 * excludes a function: it is the third parameter of the callback of an implicit grant.
 */
const IMMEDIATE =
  /(?:^\s*|[},]\s*)(?:async\s+)?(?:function\b\s{0,9}\w{0,50}\s{0,9})?\(\s*client\s*,\s*user\b(?!\s*,\s*ares\b)|[},]\s*(?:async\s+)?(?:function\b\s{0,9}\w{0,50}\s{0,9})?\(\s*(?:client|txn)\s*\)|\.\s*(?:authorize|authorization)\s*\(\s*[\w$.]+\s*,\s*[\w$.]+|\bimmediate\s*[,=:(]/;

export const OAUTH2ORIZE_ENDPOINTS: readonly MigrationRule[] = [
  {
    name: 'authorization',
    pattern: /\.\s*(?:authorize|authorization)\s*\(/,
    counts: 'near',
    found: 'the authorization endpoint',
    write: `router.get('/authorize', login, server.authorization(), dialog); // finds the client by createServer({ clients })`,
    changes:
      'The redirect URI must be one of the registered ones, letter by letter. Errors go to the client once its redirect URI is trusted (RFC 6749 §4.1.2.1); before that, your page shows them.',
    docs: 'coming-from-oauth2orize.md#what-changed-and-why',
  },
  {
    name: 'immediate',
    pattern: IMMEDIATE,
    counts: 'near',
    found: 'who is not asked: `immediate`, the second callback of authorization(), if that is what this function is',
    write: `import type { Transaction } from 'koauthorize';

declare const isTrusted: (client: App) => boolean; // yours
// in place of the route of \`authorization\`, above. \`immediate\` may be async. It is given the transaction, and allows by exactly true
const immediate = ({ client }: Transaction<App, User>) => isTrusted(client);
router.get('/authorize', login, server.authorization({ immediate }), dialog);`,
    changes:
      'Users of these clients are not asked. Without it they are asked each time. Never say true for a client that anybody can pass for: without a secret, and with a redirect URI that is not https.',
    docs: 'recipes.md#remembered-consent',
  },
  {
    name: 'decision',
    pattern: /\.\s*decision\s*\(/,
    counts: 'anywhere',
    found: 'the answer to the dialog',
    write: `router.post('/authorize/decision', login, server.decision()); // the form posts transaction_id, and cancel to deny`,
    changes:
      'The browser is redirected with 303 instead of 302, so that it never posts the form to the client (RFC 9700 §4.12). A function that you gave to decision() is `parse`: it takes (ctx, form) and has to return its answer, `{}` at least.',
    docs: 'sessions-and-transactions.md',
  },
  {
    name: 'resume',
    pattern: /\.\s*resume\s*\(/,
    counts: 'near',
    found: 'a dialog that goes on after a login',
    write: `router.get('/authorize/resume', login, server.resume(() => false), dialog); // exactly true allows without a dialog`,
    docs: 'sessions-and-transactions.md#coming-back-resume',
  },
  {
    name: 'token',
    pattern: /(?<!\bgrant)\.\s*token\s*\(/,
    counts: 'near',
    found: 'the token endpoint',
    write: `import { revocation } from 'koauthorize';
import { clientAuthentication, clientSecretBasic, clientSecretPost } from 'koauthorize/client-auth';

const authenticateClient = clientAuthentication<App>({
  server,
  clientID,
  registeredMethod: () => undefined, // a client without token_endpoint_auth_method: in the header or in the form
  methods: [
    clientSecretBasic({ compare: isSecretOf }),
    clientSecretPost({ compare: isSecretOf }),
  ],
});
router.post('/token', authenticateClient, server.token());
router.post('/revoke', authenticateClient, server.endpoint(revocation(tokens.revoke))); // new: clients end their tokens (RFC 7009)`,
    changes:
      'Errors are 400 with a code of RFC 6749 §5.2, and 401 for invalid_client with a challenge. The endpoint takes forms; JSON is refused (§4.1.3).',
    docs: 'client-authentication.md',
  },
  {
    name: 'error-handler',
    pattern: /\.\s*(?:errorHandler|authorizeError|authorizationError|authorizationErrorHandler)\s*\(/,
    counts: 'near',
    found: 'the error handler',
    write: `new Koa().use(session).use(server.errorHandler()).use(router.routes()); // once, before the routes: in Koa what stands after does not see the error`,
    changes:
      'Only messages of OAuth2Error reach clients. Every other error is `server_error`, and you see it in the `error` event of Koa.',
    docs: 'errors.md',
  },
  {
    name: 'serialize-client',
    pattern: /\b(?:de)?serializeClient\s*\(/,
    counts: 'anywhere',
    found: 'how clients are kept in the session',
    write: `server.serializeClient((client) => client.id);
server.deserializeClient((id) => db.clients.find(id)); // both may be left out where createServer({ clients }) finds clients`,
    docs: 'coming-from-oauth2orize.md#before-and-after',
  },
  {
    name: 'errors',
    pattern: /\bnew\s+(?:\w+\s*\.\s*)?(?:TokenError|AuthorizationError|OAuth2Error)\s*\(/,
    counts: 'near',
    found: 'an error of the protocol',
    ...ERROR,
  },
  {
    name: 'passport-client',
    pattern: /['"`](?:passport-)?oauth2-client-password['"`]/,
    counts: 'anywhere',
    found: 'client authentication by passport',
    write: `import { clientSecretBasic, clientSecretPost, none } from 'koauthorize/client-auth';

// the \`methods\` of \`authenticateClient\` at the token endpoint, for these strategies. Or keep passport, with failWithError: true
const methods = [
  clientSecretBasic({ compare: isSecretOf }), // of passport-http: 'basic'
  clientSecretPost({ compare: isSecretOf }), // 'oauth2-client-password'
  none<App>(), // a strategy that lets public clients through: registeredMethod then gives 'none' for these
];`,
    changes: 'A failure is JSON with `invalid_client`, where passport said "Unauthorized" in plain text.',
    docs: 'client-authentication.md#passport',
  },
  {
    name: 'passport-bearer',
    pattern: /\bauthenticate\s*\(\s*(?:\[\s*)?['"`]bearer['"`]/,
    counts: 'anywhere',
    found: 'an API that takes access tokens by passport-http-bearer',
    write: `import { type BearerState, bearer, requireScope } from 'koauthorize/resource-server';

const api = new Router<BearerState>();
api.get('/api/userinfo', bearer({ verify: tokens.verify }), requireScope('read'), (ctx) => {
  ctx.body = { user: ctx.state.token.subject };
});
koa.use(api.routes());`,
    changes:
      'Access tokens that the old server issued are refused (401) from the cut-over on, and clients refresh. The token comes in the `Authorization` header only, not in the form or the query.',
    relaxation: {
      write: `import { bearer } from 'koauthorize/resource-server';

bearer({ verify: tokens.verify, allowTokenInForm: true, allowTokenInQuery: true });`,
      givesUp: 'the rule that no URL and no form has a token: logs and histories keep URLs',
    },
    docs: 'api-side.md',
  },
  {
    name: 'openid',
    pattern: /['"`]oauth2orize-openid['"`]/,
    counts: 'anywhere',
    found: 'OpenID Connect by oauth2orize-openid',
    write: `import { openid } from 'koauthorize';
import { generateSigningKey, keySet } from 'koauthorize/tokens';

const keys = await keySet({ signing: await generateSigningKey('RS256') }); // in production from your configuration
const provider = createServer<App, User>({ issuer: 'https://as.example', clients: db.clients, clientID, redirectURIs, tokens, keys });
provider.extend(openid()); // and the grants and exchanges, as below`,
    changes: 'ID tokens are signed by keys that the JWKS endpoint publishes.',
    docs: 'extensions/openid.md',
  },
  {
    name: 'pkce',
    pattern: /['"`]oauth2orize-pkce['"`]/,
    counts: 'anywhere',
    found: 'PKCE by oauth2orize-pkce',
    write: `import { pkce } from 'koauthorize';

server.extend(pkce()); // compares the verifier, too`,
    changes: 'Every client has to send a challenge, by S256.',
    relaxation: {
      write: `import { pkce } from 'koauthorize';

server.extend(pkce({ allowPlain: true }));`,
      givesUp: 'protection against an attacker who can read the authorization request',
    },
    docs: 'extensions/pkce.md',
  },
];
