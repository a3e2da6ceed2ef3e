import { objectIn } from '../ask.js';
import { chainsOf } from '../chains.js';
import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/** Middleware that authenticates no client. Any other middleware in the router of the token endpoint may authenticate clients. */
const OTHERS: ReadonlySet<string> = new Set(['bodyParser', 'koaBody', 'cors', 'session', 'errorHandler']);

/** The clients that have to authenticate. */
function confidentialIn({ clients = [] }: Evidence): readonly string[] {
  return clients
    .filter(({ registration }) => Reflect.get(registration, 'token_endpoint_auth_method') !== 'none')
    .map(({ id }) => id);
}

function isBare({ app }: Evidence): boolean {
  const chains = (app ? chainsOf(app) : []).filter(({ endpoint }) => endpoint === 'token');
  return chains.length > 0 && chains.every(({ inRouter }) => inRouter.every((name) => OTHERS.has(name)));
}

export const clientAuthenticationMissing: DoctorRule = {
  name: 'clientAuthenticationMissing',
  severity: 'error',
  finds: 'a token endpoint without client authentication, where clients have a secret or a key',
  looksAt: ['app', 'clients', 'answers'],
  why: 'Nothing says which client a request comes from, and every one is refused',
  section: 'RFC 6749 §3.2.1',
  remedy:
    "server.mount(router, { authenticateClient }), or router.post('/token', authenticateClient, server.token()), of clientAuthentication({ server, methods: [clientSecretBasic()] })",
  examine(evidence) {
    const { answers, clients } = evidence;
    if (!answers?.token || !clients) return undefined;
    const ids = confidentialIn(evidence);
    const isRead = objectIn(answers.token)?.['error'] === 'unsupported_grant_type'; // client authentication would have refused the request first
    return ids.length > 0 && isRead && isBare(evidence)
      ? [`${answers.token.url} asks nobody to authenticate, and these clients would: ${ids.slice(0, 3).join(', ')}`]
      : [];
  },
};
