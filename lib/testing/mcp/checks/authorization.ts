/** Checks of the answers of the authorization endpoint. */
import { answerIn } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import { type Check, type Finding, NotTried, server, succeeds } from '../check.js';
import { isGiven, tried } from './refusals.js';

const KEEPS_OUT = /frame-ancestors\s+('none'|'self')/i;

export const authorization: readonly Check[] = [
  server.must(
    'authorization-code',
    'RFC 6749 §4.1.2',
    'A client that the user has allowed gets a code',
    succeeds(({ flow }) => flow.code()),
    ['overview.1'],
  ),
  server.must('state-returned', 'RFC 6749 §4.1.2', 'The state comes back as it was sent', async ({ flow }) => {
    const state = 'a+b/c=d%20&ü';
    const { answer } = await flow.code({ state });
    return answerIn(answer).get('state') === state ? undefined : `${answerIn(answer).get('state')}`;
  }),
  server.must(
    'user-is-asked',
    'RFC 6749 §3.1',
    'Without a login, no code is issued',
    async ({ flow, target }) => {
      await flow.honest();
      if (!target.login) return 'the honest request was given a code, and nobody has logged in';
      const { page } = await flow.ask({}, { visitor: flow.stranger() });
      return answerIn(page).has('code') ? describePage(page) : undefined;
    },
    ['security.2', 'considerations.1'],
  ),
  server.must(
    'denial',
    'RFC 6749 §4.1.2.1',
    'A user who denies the request sends the client access_denied',
    async ({ flow }) => {
      const { visitor, page } = await flow.dialog();
      const form = flow.formOf(page, 'deny');
      if (!form) throw new NotTried('the dialog has no way to deny');
      const answer = await visitor.post(form.action, form.fields);
      return answerIn(answer).get('error') === 'access_denied' ? undefined : describePage(answer);
    },
  ),
  server.must(
    'dialog-of-another-user',
    'RFC 6749 §10.12',
    'The dialog of one user is not answered by the browser of another',
    async ({ flow }) => {
      const other = await flow.otherVisitor();
      const { form } = await flow.dialog();
      const answer = await other.post(form.action, form.fields);
      return answerIn(answer).has('code') ? describePage(answer) : undefined;
    },
    ['security.2', 'considerations.1'],
  ),
  server.must(
    'dialog-not-framed',
    'RFC 9700 §4.16',
    'The dialog cannot be put into a frame of another site',
    async ({ flow }): Promise<Finding> => {
      const { headers } = (await flow.dialog()).page;
      const isKept = KEEPS_OUT.test(headers.get('content-security-policy') ?? '') || headers.has('x-frame-options');
      return isKept ? undefined : 'it has neither frame-ancestors nor X-Frame-Options';
    },
    ['security.2', 'considerations.1'],
  ),
  server.must(
    'redirect-drops-post',
    'RFC 9700 §4.12',
    'The redirect to the client does not make the browser repeat the POST of the dialog there (307)',
    async ({ flow }) => {
      const { answer } = await flow.code();
      return answer.status === 307 || answer.status === 308 ? `it is ${answer.status}` : undefined;
    },
    ['security.2', 'considerations.1'],
  ),
  server.must('unknown-response-type', 'RFC 6749 §3.1.1', 'An unknown response type is an error', (exam) =>
    isGiven(exam, { response_type: 'made_up' }),
  ),
  server.should('implicit-grant', 'RFC 9700 §2.1.2', 'No redirect contains an access token', async (exam) => {
    const { answer } = await tried(exam, { response_type: 'token' });
    return answerIn(answer).has('access_token') ? describePage(answer) : undefined;
  }),
  server.must('repeated-parameter', 'RFC 6749 §3.1', 'A repeated parameter is an error', (exam) =>
    isGiven(exam, { state: ['one', 'two'] }),
  ),
  server.must('unknown-parameter', 'RFC 6749 §3.1', 'An unknown parameter is ignored', async (exam) => {
    const { answer } = await tried(exam, { made_up_by_the_exam: 'x' });
    return answerIn(answer).has('code') ? undefined : describePage(answer);
  }),
];
