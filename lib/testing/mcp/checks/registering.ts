/** Checks of clients that register themselves. @see RFC 7591 */
import { describePage } from '../../attack/request.js';
import { type Check, type Finding, FlowFailed, mcp, server } from '../check.js';
import type { Exam } from '../exam/exam.js';
import { documentIn, isJSON, list, type Members } from '../exam/members.js';

const ERRORS = ['invalid_redirect_uri', 'invalid_client_metadata'];

/**
 * A registration of a web application, which may have https redirect URIs. A native application with them could be refused.
 *
 * @see OpenID Connect Registration §2
 */
const WEB: Members = { application_type: 'web', redirect_uris: ['https://client.mcp-exam.example/callback'] };

/** Checks that a registration with these changes is refused, and an honest one is not. */
async function isRefused({ registration }: Exam, changes: Members): Promise<Finding> {
  const honest = await registration.register(WEB);
  if (honest.status >= 300) throw new FlowFailed(`No client can register: ${describePage(honest)}`);
  const page = await registration.register({ ...WEB, ...changes });
  return page.status < 300 ? `${JSON.stringify(changes)} is registered` : undefined;
}

const COMMUNICATION = mcp('Communication Security');

export const registrations: readonly Check[] = [
  server.must(
    'registration',
    'RFC 7591 §3.2.1',
    'A registration is answered with 201, the client_id and JSON',
    async ({ registration }) => {
      const page = await registration.register();
      const { client_id: id } = documentIn(page).members;
      return page.status === 201 && typeof id === 'string' && isJSON(page) ? undefined : describePage(page);
    },
  ),
  server.must(
    'registration-echo',
    'RFC 7591 §3.2.1',
    'The answer has the registered metadata',
    async ({ registration }) => {
      const { members } = documentIn(await registration.register());
      if (list(members['redirect_uris']).length === 0) return 'it has no redirect_uris';
      return members['token_endpoint_auth_method'] === undefined ? 'it has no token_endpoint_auth_method' : undefined;
    },
  ),
  server.must(
    'registration-secret-expiry',
    'RFC 7591 §3.2.1',
    'If the answer has a secret, it tells when the secret expires',
    async ({ registration }) => {
      const { members } = documentIn(
        await registration.register({ token_endpoint_auth_method: 'client_secret_basic' }),
      );
      const hasSecret = 'client_secret' in members;
      return hasSecret && typeof members['client_secret_expires_at'] !== 'number'
        ? 'it has no client_secret_expires_at'
        : undefined;
    },
  ),
  server.must(
    'registration-http',
    COMMUNICATION,
    "A redirect URI with http is registered only for the user's own machine",
    (exam) => isRefused(exam, { redirect_uris: ['http://client.mcp-exam.example/callback'] }),
    ['communication.3'],
  ),
  server.must(
    'registration-script',
    COMMUNICATION,
    'A redirect URI that is a script is not registered',
    async (exam) =>
      (await isRefused(exam, { redirect_uris: ['javascript:alert(1)'] })) ??
      isRefused(exam, { redirect_uris: ['data:text/html,x'] }),
    ['communication.3'],
  ),
  server.must('registration-fragment', 'RFC 6749 §3.1.2', 'A redirect URI with a fragment is not registered', (exam) =>
    isRefused(exam, { redirect_uris: ['https://client.mcp-exam.example/callback#x'] }),
  ),
  server.must(
    'registration-without-redirect-uri',
    'RFC 7591 §2',
    'A client of the code grant without redirect URIs is not registered',
    (exam) => isRefused(exam, { redirect_uris: [] }),
    ['redirection.2'],
  ),
  server.must(
    'registration-error',
    'RFC 7591 §3.2.2',
    'A refused registration is answered with 400 and an error that tells what is wrong',
    async ({ registration }) => {
      const page = await registration.register({ redirect_uris: ['not a URL'] });
      if (page.status < 300) return 'it is registered';
      const isRight = page.status === 400 && ERRORS.includes(String(documentIn(page).members['error']));
      return isRight ? undefined : describePage(page);
    },
  ),
];
