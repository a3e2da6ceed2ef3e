/** Checks of `iss` in authorization responses. @see RFC 9207 */
import { answerIn } from '../../attack/http.js';
import { type Check, mcp, NotTried, server } from '../check.js';
import type { Exam } from '../exam/exam.js';
import { tried } from './refusals.js';

const VALIDATION = mcp('Authorization Response Validation');

const isSaid = async ({ documents }: Exam): Promise<boolean> =>
  (await documents.server()).members['authorization_response_iss_parameter_supported'] === true;

async function issuersIn({ flow }: Exam): Promise<readonly string[]> {
  return answerIn((await flow.code()).answer).getAll('iss');
}

export const issuers: readonly Check[] = [
  server.should('iss', VALIDATION, 'An authorization response has iss', async (exam) =>
    (await issuersIn(exam)).length > 0 ? undefined : 'it has no iss',
  ),
  server.must(
    'iss-identical',
    'RFC 9207 §2',
    'If an authorization response has iss, it is exactly the issuer, and occurs once',
    async (exam) => {
      const [first, ...more] = await issuersIn(exam);
      const isRight = first === undefined || (first === (await exam.documents.issuer()) && more.length === 0);
      return isRight ? undefined : [first, ...more].join(' and ');
    },
  ),
  server.must(
    'iss-announced',
    VALIDATION,
    'If authorization responses have iss, the metadata announces it',
    async (exam) =>
      (await issuersIn(exam)).length > 0 && !(await isSaid(exam))
        ? 'the metadata has no authorization_response_iss_parameter_supported'
        : undefined,
    ['response.2'],
  ),
  server.must(
    'iss-as-announced',
    'RFC 9207 §2.4',
    'If the metadata announces iss, responses have it: clients reject those without',
    async (exam) => ((await isSaid(exam)) && (await issuersIn(exam)).length === 0 ? 'it has no iss' : undefined),
  ),
  server.should('iss-in-errors', VALIDATION, 'An error response has iss, too', async (exam) => {
    const { answer } = await tried(exam, { response_type: 'made_up' });
    if (!answerIn(answer).has('error')) throw new NotTried('the error is shown to the user, and sent nowhere');
    return answerIn(answer).get('iss') === (await exam.documents.issuer()) ? undefined : 'it has no iss';
  }),
];
