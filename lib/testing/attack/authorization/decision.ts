/** Attacks on the decision of the resource owner. */
import { type Attack, type AttackOutcome, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { CROSS_SITE, guessed } from '../cross-site.js';
import { answerIn, type Page, paramsOf } from '../http.js';
import { describePage } from '../request.js';
import type { Visitor } from '../visitor.js';

const hasCode = (page: Page): boolean => answerIn(page).has('code');

/** Makes an honest decision, which must succeed: otherwise a refusal would prove nothing. @returns the answer */
async function decide(context: AttackContext, visitor: Visitor): Promise<Page> {
  const { form } = await context.dialog(visitor, context.target.client);
  const answer = await visitor.post(form.action, form.fields);
  if (hasCode(answer)) return answer;
  throw new Error(`An honest decision gives no code: ${describePage(answer)}`);
}

export const csrfDecision: Attack = {
  name: 'csrf-decision',
  title: 'another site sends the form of the dialog, without knowing what only the dialog shows',
  clause: 'RFC 6749 §10.12',
  async run(context) {
    const { client } = context.target;
    const [victim, attacker] = [await context.visitor(), await context.otherVisitor()];
    await decide(context, victim);
    const theirs = await context.dialog(attacker, client);
    const mine = await context.dialog(victim, client);
    // if the URL of the form contains a secret of the dialog, the attacker knows only the URL of their own dialog
    for (const fields of guessed(mine.form, theirs.form))
      if (hasCode(await victim.post(theirs.form.action, fields, CROSS_SITE)))
        return succeeded(`"${paramsOf(fields)}" was enough`);
    const answer = await context.stranger().post(mine.form.action, mine.form.fields, CROSS_SITE);
    return hasCode(answer) ? succeeded('a browser without any cookie answered the dialog') : withstood;
  },
};

export const decisionFromAnotherSession: Attack = {
  name: 'decision-from-another-session',
  title: 'the dialog of one browser is answered by another',
  clause: 'RFC 6749 §10.12',
  async run(context) {
    const { client } = context.target;
    const [victim, attacker] = [await context.visitor(), await context.otherVisitor()];
    await decide(context, victim);
    const theirs = await context.dialog(attacker, client);
    // both browsers have an open dialog, so that a missing dialog is not the reason of a refusal
    const mine = await context.dialog(victim, client);
    if (hasCode(await victim.post(theirs.form.action, theirs.form.fields, CROSS_SITE)))
      return succeeded("the victim's browser answered the dialog that was shown to the attacker");
    if (hasCode(await attacker.post(mine.form.action, mine.form.fields)))
      return succeeded("the attacker's browser answered the dialog that was shown to the victim");
    return withstood;
  },
};

/** Answers a dialog, and then twice again: with the current cookies, and with those from before the first answer. */
async function replay(context: AttackContext, first: 'allow' | 'deny'): Promise<AttackOutcome> {
  const visitor = await context.visitor();
  const { page, form } = await context.dialog(visitor, context.target.client);
  const cookies = visitor.snapshot();
  const sent = context.formOf(page, first) ?? form;
  const answer = await visitor.post(sent.action, sent.fields);
  if (hasCode(answer) !== (first === 'allow')) throw new Error(`To ${first} is answered with ${describePage(answer)}`);
  const words = first === 'allow' ? 'answered before' : 'denied before';
  // a server may repeat its answer if a user presses the button twice: the code is then the same, and can be used once
  const isNew = (page: Page): boolean => hasCode(page) && answerIn(page).get('code') !== answerIn(answer).get('code');
  if (isNew(await visitor.post(form.action, form.fields))) return succeeded(`a dialog that was ${words} gave a code`);
  visitor.restore(cookies);
  if (!isNew(await visitor.post(form.action, form.fields))) return withstood;
  return succeeded(`with the cookies of before, a dialog that was ${words} gave a code`);
}

export const transactionReplay: Attack = {
  name: 'transaction-replay',
  title: 'a dialog that was answered is answered again',
  clause: 'RFC 6749 §10.12',
  async run(context) {
    const outcome = await replay(context, 'allow');
    return outcome.outcome === 'withstood' ? replay(context, 'deny') : outcome;
  },
};

export const redirectKeepsPost: Attack = {
  name: 'redirect-keeps-post',
  title: 'the redirect after the decision makes the browser post the same form to the client',
  clause: 'RFC 9700 §4.12',
  async run(context) {
    const { status } = await decide(context, await context.visitor());
    return status === 307 || status === 308 ? succeeded(`the decision is answered with ${status}`) : withstood;
  },
};
