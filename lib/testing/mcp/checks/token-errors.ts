/** Checks of the error codes of the token endpoint. Clients depend on them: after `invalid_client`, for example, they drop their registration. */
import { describePage } from '../../attack/request.js';
import { type Check, type Finding, server } from '../check.js';
import type { Exam } from '../exam/exam.js';
import type { Changes } from '../exam/flow.js';
import { documentIn, isJSON } from '../exam/members.js';

const CLAUSE = 'RFC 6749 §5.2';

/** @param statuses the statuses that are allowed with this error */
async function isRefused(
  { flow, registration }: Exam,
  fields: Changes,
  error: string,
  statuses = [400],
): Promise<Finding> {
  await flow.honest();
  const page = await flow.post(await registration.client(), fields);
  const isRight = documentIn(page).members['error'] === error && statuses.includes(page.status);
  return isRight ? undefined : describePage(page);
}

export const tokenErrors: readonly Check[] = [
  server.must('unknown-code', CLAUSE, 'An unknown code is answered with invalid_grant, and 400', async (exam) => {
    const { redirect_uri } = await exam.registration.client();
    const fields = { code: 'made-up', code_verifier: 'v'.repeat(43), redirect_uri };
    return isRefused(exam, { grant_type: 'authorization_code', ...fields }, 'invalid_grant');
  }),
  server.must(
    'unknown-refresh-token',
    CLAUSE,
    'An unknown refresh token is answered with invalid_grant, and 400',
    (exam) => isRefused(exam, { grant_type: 'refresh_token', refresh_token: 'made-up' }, 'invalid_grant'),
  ),
  server.must(
    'unknown-grant-type',
    CLAUSE,
    'An unknown grant type is answered with unsupported_grant_type, and 400',
    (exam) => isRefused(exam, { grant_type: 'urn:example:made-up' }, 'unsupported_grant_type'),
  ),
  server.must(
    'missing-grant-type',
    CLAUSE,
    'A request without a grant type is answered with invalid_request, and 400',
    (exam) => isRefused(exam, { code: 'made-up' }, 'invalid_request'),
  ),
  server.must(
    'unknown-client',
    CLAUSE,
    'An unknown client is answered with invalid_client, and 400 or 401',
    async (exam) => {
      const obtained = await exam.flow.code();
      const client = { client_id: 'nobody-by-this-name', redirect_uri: obtained.client.redirect_uri };
      await exam.flow.honest();
      const page = await exam.flow.exchange(obtained, {}, client);
      const isRight = documentIn(page).members['error'] === 'invalid_client' && [400, 401].includes(page.status);
      return isRight ? undefined : describePage(page);
    },
    ['overview.1'],
  ),
  server.must(
    'wrong-secret',
    'RFC 6749 §3.2.1',
    'A client with a secret gets no token with a wrong secret, or without one',
    async ({ flow, registration }) => {
      const client = await registration.secretClient();
      await flow.tokens({}, client);
      for (const client_secret of ['wrong', undefined]) {
        const page = await flow.exchange(await flow.code({}, client), {}, { ...client, client_secret });
        if ('access_token' in documentIn(page).members) return `it is given a token for ${client_secret ?? 'none'}`;
      }
      return undefined;
    },
    ['overview.1'],
  ),
  server.must('errors-json', CLAUSE, 'An error is application/json', async ({ flow, registration }) => {
    await flow.honest();
    const page = await flow.post(await registration.client(), {
      grant_type: 'refresh_token',
      refresh_token: 'made-up',
    });
    return isJSON(page) ? undefined : `${page.headers.get('content-type')}`;
  }),
  server.must(
    'password-grant',
    'RFC 9700 §2.4',
    'There is no password grant',
    async ({ flow, registration }) => {
      await flow.honest();
      const page = await flow.post(await registration.client(), {
        grant_type: 'password',
        username: 'x',
        password: 'x',
      });
      const { error } = documentIn(page).members;
      return error === 'invalid_grant' || page.status === 200 ? describePage(page) : undefined;
    },
    ['overview.1', 'security.2'],
  ),
];
