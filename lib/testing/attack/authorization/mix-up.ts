/** A mix-up attack, in which a client takes the authorization response of one server for that of another. */
import { type Attack, type AttackOutcome, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { answerIn, type Page } from '../http.js';
import { describePage } from '../request.js';

/** RFC 9207 §2: `iss` is exactly the issuer, in every authorization response. */
function judge({ target }: AttackContext, page: Page, what: string): AttackOutcome {
  const iss = answerIn(page).getAll('iss');
  if (iss.length === 1 && iss[0] === target.issuer) return withstood;
  return succeeded(`${what} says ${iss.length === 0 ? 'no iss' : `iss=${iss.join(' and ')}, not ${target.issuer}`}`);
}

export const mixUp: Attack = {
  name: 'mix-up',
  title: 'a client that uses several servers takes the answer of one for that of another, and sends its code there',
  clause: 'RFC 9207 §2',
  async run(context) {
    const { client } = context.target;
    const visitor = await context.visitor();
    const success = await context.dialog(visitor, client);
    const answer = await visitor.post(success.form.action, success.form.fields);
    if (!answerIn(answer).has('code')) throw new Error(`An honest decision gives no code: ${describePage(answer)}`);
    const first = judge(context, answer, 'an answer with a code');
    if (first.outcome !== 'withstood') return first;
    const denied = await context.dialog(visitor, client);
    const form = context.formOf(denied.page, 'deny') ?? denied.form;
    const denial = await visitor.post(form.action, form.fields);
    if (!answerIn(denial).has('error')) throw new Error(`An honest denial gives no error: ${describePage(denial)}`);
    const second = judge(context, denial, 'a denial');
    if (second.outcome !== 'withstood') return second;
    // a server may also show the error to the user: then there is no response to check
    const { page } = await context.authorize(visitor, client, { response_type: 'attacker' });
    return answerIn(page).has('error') ? judge(context, page, 'an error') : withstood;
  },
};
