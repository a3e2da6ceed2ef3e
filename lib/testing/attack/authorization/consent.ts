/** An attack that tries to get a code without the user's consent. */
import { type Attack, type AttackOutcome, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { answerIn, type Page } from '../http.js';
import type { Changes } from '../request.js';
import type { AttackClient } from '../target.js';
import type { Visitor } from '../visitor.js';

const hasCode = (page: Page): boolean => answerIn(page).has('code');

/** Parameters that a server might take for the decision. */
const ANSWERS: readonly Changes[] = [
  {},
  { prompt: 'none' },
  { prompt: 'login none' },
  { approval_prompt: 'auto' },
  { allow: 'true', decision: 'allow', consent: 'yes', approved: '1', confirm: '1' },
  { skip_consent: 'true', first_party: 'true', trusted: 'true' },
];

async function byRequest(context: AttackContext, visitor: Visitor, client: AttackClient): Promise<AttackOutcome> {
  for (const changes of ANSWERS) {
    const { page } = await context.authorize(visitor, client, changes);
    if (hasCode(page)) return succeeded(`${client.client_id} is given a code at once, by ${JSON.stringify(changes)}`);
  }
  return withstood;
}

/** Tries to answer the dialog by a link: another site can make a browser send any GET request. */
async function byLink(context: AttackContext, visitor: Visitor): Promise<AttackOutcome> {
  const { form } = await context.dialog(visitor, context.target.client);
  const url = new URL(form.action);
  for (const [name, value] of form.fields) url.searchParams.append(name, value);
  return hasCode(await visitor.get(url.href)) ? succeeded('a GET answers the dialog') : withstood;
}

async function byDenial(context: AttackContext, visitor: Visitor): Promise<AttackOutcome> {
  const { page } = await context.dialog(visitor, context.target.client);
  const form = context.formOf(page, 'deny');
  if (!form || !hasCode(await visitor.post(form.action, form.fields))) return withstood;
  return succeeded('a denial is answered with a code');
}

export const consentSkipped: Attack = {
  name: 'consent-skipped',
  title: 'a client is given a code that the user has not agreed to',
  clause: 'RFC 6749 §10.2, §3.1.2.5',
  async run(context) {
    const { client, otherClient } = context.target;
    const nobody = await byRequest(context, context.stranger(), client);
    if (nobody.outcome !== 'withstood') return nobody;
    const visitor = await context.visitor();
    await context.dialog(visitor, client); // without a dialog, there would be none to skip
    for (const attempt of [byLink, byDenial]) {
      const outcome = await attempt(context, visitor);
      if (outcome.outcome !== 'withstood') return outcome;
    }
    await context.target.forget?.(visitor, client);
    const asked = await byRequest(context, visitor, client);
    if (asked.outcome !== 'withstood' || !otherClient) return asked;
    // consent to one client must not count for another
    const { form } = await context.dialog(visitor, client);
    await visitor.post(form.action, form.fields);
    await context.target.forget?.(visitor, otherClient);
    return byRequest(context, visitor, otherClient);
  },
};
