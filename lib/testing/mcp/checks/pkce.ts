/** Checks of PKCE, at both endpoints. */

import { answerIn } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import { type Check, type Finding, FlowFailed, NotTried, server } from '../check.js';
import type { Exam } from '../exam/exam.js';
import type { Changes } from '../exam/flow.js';
import { documentIn } from '../exam/members.js';
import { isGiven, tried } from './refusals.js';

/** Checks that an exchange with these changes is refused. */
async function redeemed({ flow }: Exam, changes: Changes): Promise<Finding> {
  await flow.honest();
  const page = await flow.exchange(await flow.code(), changes);
  return 'access_token' in documentIn(page).members ? 'the code was exchanged' : undefined;
}

export const pkce: readonly Check[] = [
  server.must(
    'challenge-required',
    'RFC 9700 §2.1.1',
    'A public client gets no code without a challenge',
    async (exam) => {
      const { client_secret: secret } = await exam.registration.client();
      if (secret !== undefined) throw new NotTried('the client has a secret');
      return isGiven(exam, { code_challenge: undefined, code_challenge_method: undefined });
    },
    ['overview.1', 'security.2'],
  ),
  server.must(
    'challenge-method-unknown',
    'RFC 7636 §4.4.1',
    'An unknown challenge method is an error',
    (exam) => isGiven(exam, { code_challenge_method: 'S999' }),
    ['security.2'],
  ),
  server.should(
    'challenge-plain',
    'RFC 7636 §7.2',
    'The challenge method plain is refused: anybody who sees the request knows the verifier',
    (exam) => isGiven(exam, { code_challenge_method: 'plain', code_challenge: 'x'.repeat(43) }),
  ),
  server.must(
    'verifier-missing',
    'RFC 7636 §4.6',
    'A code is not exchanged without its verifier',
    (exam) => redeemed(exam, { code_verifier: undefined }),
    ['overview.1', 'security.2'],
  ),
  server.must(
    'verifier-wrong',
    'RFC 7636 §4.6',
    'A code is not exchanged with another verifier',
    (exam) => redeemed(exam, { code_verifier: 'wrong'.repeat(10) }),
    ['overview.1', 'security.2'],
  ),
  server.must(
    'verifier-is-challenge',
    'RFC 7636 §4.6',
    'A code whose challenge was made by S256 is not exchanged with the challenge itself',
    async (exam) => {
      const verifier = 'v'.repeat(43);
      const { flow } = exam;
      const { answer, client, ...asked } = await tried(exam, { code_challenge: verifier });
      const code = answerIn(answer).get('code');
      if (code === null) throw new FlowFailed(`There is no code: ${describePage(answer)}`);
      const page = await flow.exchange({ ...asked, client, answer, code }, { code_verifier: verifier });
      return 'access_token' in documentIn(page).members ? 'the code was exchanged' : undefined;
    },
    ['security.2'],
  ),
];
