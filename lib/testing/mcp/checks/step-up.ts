/** Checks of requests for which the scope of the token is not sufficient, and of expired tokens. */
import type { Page } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import { api, type Check, type Finding, mcp, NotTried } from '../check.js';
import { isAdmitted } from '../exam/calls.js';
import { challengeParam } from '../exam/challenge.js';
import type { Exam } from '../exam/exam.js';
import { text, words } from '../exam/members.js';

/** The answer to a request for which the scope of an ordinary token is not sufficient. */
async function insufficient({ target, flow, call }: Exam): Promise<Page> {
  if (!target.stepUp) throw new NotTried('no `stepUp`, a request that needs more scope');
  const { access_token: token } = await flow.tokens({ scope: target.stepUp.scope });
  return call(`Bearer ${token}`, target.stepUp.request);
}

const judged =
  (judge: (page: Page) => Finding) =>
  async (exam: Exam): Promise<Finding> =>
    judge(await insufficient(exam));

const RUNTIME = mcp('Runtime Insufficient Scope Errors');

export const stepUp: readonly Check[] = [
  api.should(
    'insufficient-scope-status',
    RUNTIME,
    'A token with too little scope is answered with 403',
    judged((page) => (page.status === 403 ? undefined : describePage(page))),
    ['errors.1'],
  ),
  api.should(
    'insufficient-scope-error',
    RUNTIME,
    'The challenge of that answer has the error insufficient_scope',
    judged((page) =>
      challengeParam(page, 'error') === 'insufficient_scope' ? undefined : `it has ${challengeParam(page, 'error')}`,
    ),
  ),
  api.should(
    'insufficient-scope-scope',
    RUNTIME,
    'It names the required scope',
    judged((page) => (words(challengeParam(page, 'scope')).length > 0 ? undefined : 'it has no scope')),
  ),
  api.should(
    'insufficient-scope-metadata',
    RUNTIME,
    'It has the URL of the metadata, like the challenge of a 401',
    judged((page) =>
      challengeParam(page, 'resource_metadata') === undefined ? 'it has no resource_metadata' : undefined,
    ),
  ),
  api.should(
    'insufficient-scope-once',
    RUNTIME,
    'It names all scopes at once: a token with them is enough',
    async (exam) => {
      const scope = challengeParam(await insufficient(exam), 'scope');
      const { stepUp: given } = exam.target;
      if (scope === undefined || !given) return 'it has no scope';
      const union = [...new Set([...words(given.scope), ...words(scope)])].join(' ');
      const { access_token: token } = await exam.flow.tokens({ scope: union });
      const page = await exam.call(`Bearer ${token}`, given.request);
      return isAdmitted(page) ? undefined : describePage(page);
    },
  ),
];

/** Runs last, since it advances the server's clock. */
export const ended: readonly Check[] = [
  api.must(
    'expired-token',
    mcp('Token Handling'),
    'A token that has expired is answered with 401',
    async ({ target, flow, goodToken, call, wait }) => {
      if (!target.wait) throw new NotTried('no `wait`, by which the clock of the server is advanced');
      await goodToken();
      const { access_token: token, expires_in: lifetime = 3600 } = await flow.tokens();
      await wait(Number(lifetime) + 120);
      const page = await call(`Bearer ${text(token)}`);
      return page.status === 401 ? undefined : describePage(page);
    },
    ['handling.1', 'handling.4', 'privilege.2'],
  ),
];
