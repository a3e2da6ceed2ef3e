/** Checks of the answer of the token endpoint to an honest exchange. */
import type { Page } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import { type Check, type Finding, FlowFailed, mcp, server, succeeds } from '../check.js';
import type { Exam } from '../exam/exam.js';
import { documentIn, isJSON, type Members, text } from '../exam/members.js';

/** The most seconds that a short-lived token may live. */
const SHORT = 3600;

const honest =
  (judge: (page: Page, members: Members) => Finding): Check['run'] =>
  async ({ flow }: Exam) => {
    const page = await flow.exchange(await flow.code());
    if (page.status !== 200) throw new FlowFailed(`An honest exchange gives no token: ${describePage(page)}`);
    return judge(page, documentIn(page).members);
  };

export const token: readonly Check[] = [
  server.must(
    'token',
    'RFC 6749 §5.1',
    'A code and its verifier are exchanged for an access token',
    succeeds(({ flow }) => flow.honest()),
    ['overview.1'],
  ),
  server.must(
    'token-json',
    'RFC 6749 §5.1',
    'The answer is application/json',
    honest((page) => (isJSON(page) ? undefined : `${page.headers.get('content-type')}`)),
  ),
  server.must(
    'token-no-store',
    'RFC 6749 §5.1',
    'The answer is not cached',
    honest(({ headers }) =>
      /\bno-store\b/i.test(headers.get('cache-control') ?? '') ? undefined : 'it has no Cache-Control: no-store',
    ),
  ),
  server.must(
    'token-type',
    'RFC 6749 §5.1',
    'The token is a Bearer token, and the answer says so',
    honest((_page, { token_type: type }) => (/^bearer$/i.test(text(type) ?? '') ? undefined : `it says ${type}`)),
  ),
  server.should(
    'token-lifetime',
    'RFC 6749 §5.1',
    'The answer tells for how many seconds the token is valid',
    honest((_page, { expires_in: lifetime }) => (typeof lifetime === 'number' ? undefined : `it says ${lifetime}`)),
  ),
  server.should(
    'token-short-lived',
    mcp('Token Theft'),
    'The token is short-lived: an hour at most',
    honest((_page, { expires_in: lifetime }) =>
      typeof lifetime === 'number' && lifetime <= SHORT ? undefined : `it is good for ${lifetime} seconds`,
    ),
  ),
  server.must('token-post-only', 'RFC 6749 §3.2', 'A GET gets no token', async ({ flow, documents, call }) => {
    await flow.honest();
    const { client, code, verifier } = await flow.code();
    const url = new URL(await documents.endpoint('token'));
    const fields = {
      grant_type: 'authorization_code',
      client_id: client.client_id,
      redirect_uri: client.redirect_uri,
      code,
      code_verifier: verifier,
    };
    for (const [name, value] of Object.entries(fields)) url.searchParams.append(name, value);
    const page = await call(undefined, { url: url.href, method: 'GET' });
    return 'access_token' in documentIn(page).members ? 'it is given one' : undefined;
  }),
  server.must('token-unknown-parameter', 'RFC 6749 §3.2', 'An unknown parameter is ignored', async ({ flow }) => {
    await flow.honest();
    const page = await flow.exchange(await flow.code(), { made_up_by_the_exam: 'x' });
    return page.status === 200 ? undefined : describePage(page);
  }),
  server.must('token-repeated-parameter', 'RFC 6749 §3.2', 'A repeated parameter is an error', async ({ flow }) => {
    await flow.honest();
    const obtained = await flow.code();
    const page = await flow.exchange(obtained, { code_verifier: [obtained.verifier, 'another'] });
    return 'access_token' in documentIn(page).members ? 'the code was exchanged' : undefined;
  }),
];
