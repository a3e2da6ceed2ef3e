/** Attacks on devices without a browser, and on their users. @see RFC 8628 §5, RFC 10027 */
import { randomInt } from 'node:crypto';
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import { othersThan, pollAtOnce, pollFast, stealTokens } from '../polling.js';
import { describePage } from '../request.js';
import { tokenIn } from '../token/answer.js';
import { ask, begin, clientOf, connect, deviceAttack, dialogIn, dialogOf, poll, type } from './device.js';

/** Wrong codes that are typed before the right one. RFC 8628 §5.1 has five, for codes of eight letters. */
const GUESSES = 50;

/** A wrong code with the form of the right one. */
function wrong(userCode: string): string {
  const letters = [...userCode].filter((one) => /\w/.test(one));
  return userCode.replace(/\w/g, () => letters[randomInt(letters.length)] ?? '');
}

const userCodeGuessing = deviceAttack(
  {
    name: 'device-user-code-guessing',
    title: 'an attacker types user codes until one belongs to a device',
    clause: 'RFC 8628 §5.1',
  },
  async (context) => {
    const client = clientOf(context);
    const attacker = await context.otherVisitor();
    const victim = await begin(context, client);
    await dialogOf(context, attacker, await begin(context, client)); // with the attacker's own device, to make sure that this user can type codes
    for (let guess = 0; guess < GUESSES; guess += 1)
      if (!(await type(attacker, victim, wrong(victim.user_code)))) return withstood;
    const page = await type(attacker, victim, victim.user_code);
    return page && dialogIn(context, page)
      ? succeeded(`after ${GUESSES} wrong codes another one was looked up`)
      : withstood;
  },
);

const deviceOfAnotherClient = deviceAttack(
  {
    name: 'device-code-of-another-client',
    title: 'a client polls with the device code of another',
    clause: 'RFC 8628 §3.4, RFC 6749 §5.2',
  },
  async (context) => {
    const client = clientOf(context);
    const thieves = othersThan(client, context);
    if (thieves.length === 0) return skipped('there is no other client');
    const begun = await begin(context, client);
    const visitor = await context.visitor();
    const { action, fields } = await dialogOf(context, visitor, begun);
    await visitor.post(action, fields);
    return stealTokens(client, thieves, (by) => poll(context, by, begun), 'device code');
  },
);

const deviceCodeReplay = deviceAttack(
  {
    name: 'device-code-replay',
    title: 'a device code is exchanged twice, or several times at the same moment',
    clause: 'RFC 8628 §3.5, RFC 6749 §10.5',
  },
  async (context) => {
    const client = clientOf(context);
    const visitor = await context.visitor();
    const { begun } = await connect(context, client, visitor);
    if (tokenIn(await poll(context, client, begun)) !== undefined) return succeeded('the second exchange gave tokens');
    const raced = await begin(context, client);
    const { action, fields } = await dialogOf(context, visitor, raced);
    await visitor.post(action, fields);
    await context.wait(raced.interval);
    return pollAtOnce(() => ask(context, client, raced));
  },
);

const deviceTwoDecisions = deviceAttack(
  {
    name: 'device-two-decisions',
    title: 'a device that the user has denied is allowed in another tab, or one that they allowed is allowed again',
    clause: 'RFC 8628 §3.3, §5.4',
  },
  async (context) => {
    const client = clientOf(context);
    const visitor = await context.visitor();
    for (const first of ['deny', 'allow'] as const) {
      const begun = await begin(context, client);
      const late = await dialogOf(context, visitor, begun);
      const form = await dialogOf(context, visitor, begun, first);
      await visitor.post(form.action, form.fields);
      const page = await poll(context, client, begun);
      if ((tokenIn(page) !== undefined) !== (first === 'allow'))
        throw new Error(`To ${first} a device is answered with ${describePage(page)}`);
      await visitor.post(late.action, late.fields);
      if (tokenIn(await poll(context, client, begun)) !== undefined)
        return succeeded(`after a decision to ${first}, a second tab gave tokens`);
    }
    return withstood;
  },
);

const deviceWithoutConfirmation = deviceAttack(
  {
    name: 'device-without-confirmation',
    title: 'a user opens a link with a user code in it, and the device of an attacker gets tokens',
    clause: 'RFC 8628 §3.3.1, §5.4',
  },
  async (context) => {
    const client = clientOf(context);
    const visitor = await context.visitor();
    await connect(context, client, visitor); // so that the user has consented to this client before
    const begun = await begin(context, client);
    const { verification_uri, verification_uri_complete, user_code } = begun;
    const typed = new URL(verification_uri);
    typed.searchParams.set('user_code', user_code);
    for (const url of [verification_uri_complete, typed.href]) if (url !== undefined) await visitor.get(url);
    return tokenIn(await poll(context, client, begun)) === undefined
      ? withstood
      : succeeded('the user opened a link, and the device got tokens');
  },
);

const deviceDecisionFromAnotherSession = deviceAttack(
  {
    name: 'device-decision-from-another-session',
    title: 'the dialog that was shown to one user is answered by the browser of another',
    clause: 'RFC 8628 §5.4, RFC 6749 §10.12',
  },
  async (context) => {
    const client = clientOf(context);
    const [owner, other] = [await context.visitor(), await context.otherVisitor()];
    const begun = await begin(context, client);
    const { action, fields } = await dialogOf(context, owner, begun);
    for (const [who, browser] of [
      ["another user's browser", other],
      ['a browser without any cookie', context.stranger()],
    ] as const) {
      await browser.post(action, fields);
      if (tokenIn(await poll(context, client, begun)) !== undefined)
        return succeeded(`${who} answered a dialog that was not shown there`);
    }
    await owner.post(action, fields);
    if (tokenIn(await poll(context, client, begun)) === undefined)
      throw new Error('The browser that was shown the dialog cannot answer it');
    return withstood;
  },
);

const deviceFastPolling = deviceAttack(
  {
    name: 'device-fast-polling',
    title: 'a device polls as often as it likes',
    clause: 'RFC 8628 §3.5',
  },
  async (context) => {
    const client = clientOf(context);
    const begun = await begin(context, client);
    return pollFast(await poll(context, client, begun), () => ask(context, client, begun));
  },
);

export const deviceAttacks: readonly Attack[] = [
  userCodeGuessing,
  deviceOfAnotherClient,
  deviceCodeReplay,
  deviceTwoDecisions,
  deviceWithoutConfirmation,
  deviceDecisionFromAnotherSession,
  deviceFastPolling,
];
