/** Attacks that use the wrong user, or skip a page that the user must see. */
import { type Attack, type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { answerIn } from '../http.js';
import { type Changes, describePage } from '../request.js';
import type { Visitor } from '../visitor.js';
import { openidAttack, openidScope, type Provider } from './provider.js';
import { decidedUnasked } from './unasked.js';

const NO_OTHER_USER = skipped('the target has no loginOther');

/** The ways in which a client can name the user that it expects. @see OpenID Connect Core §3.1.2.1, §5.5.1 */
async function expectations({ metadata }: AttackContext, idToken: string, sub: string): Promise<readonly Changes[]> {
  const { claims_parameter_supported: isSupported } = await metadata();
  const claims = JSON.stringify({ id_token: { sub: { value: sub } } });
  const by: readonly Changes[] = [{ id_token_hint: idToken }, ...(isSupported === true ? [{ claims }] : [])];
  return [...by, ...by.map((changes) => ({ ...changes, prompt: 'none' }))];
}

export const subjectMismatch = openidAttack(
  {
    name: 'subject-mismatch',
    title: 'a client that expects one user is given tokens of another, who is logged in',
    clause: 'OpenID Connect Core §3.1.2.1, §3.1.2.2',
  },
  async ({ logIn, ask, redeem }, context) => {
    const { client, loginOther } = context.target;
    if (!loginOther) return NO_OTHER_USER;
    const { idToken, claims } = await logIn(await context.visitor(), client);
    const other = await context.otherVisitor();
    const { sub } = (await logIn(other, client)).claims;
    if (sub === claims.sub) throw new Error(`login and loginOther log the same user in: ${sub}`);
    for (const changes of await expectations(context, idToken, String(claims.sub))) {
      const { obtained } = await ask(other, client, changes);
      const given = obtained && (await redeem(client, obtained)).claims.sub;
      if (given !== undefined && given !== claims.sub)
        return succeeded(`${given} was given where ${Object.keys(changes).join(' and ')} asks for ${claims.sub}`);
    }
    return withstood;
  },
);

/** What the server shows instead of an answer; undefined if it answers. */
async function shown({ authorize, target }: AttackContext, visitor: Visitor, prompt: string) {
  const { page } = await authorize(visitor, target.client, { scope: openidScope(target.client), prompt });
  if (page.status >= 500) throw new Error(`The server failed: ${describePage(page)}`);
  const answer = answerIn(page);
  return answer.has('error') || answer.has('code') ? undefined : describePage(page);
}

export const promptNonePage = openidAttack(
  {
    name: 'prompt-none-page',
    title: 'a page is shown for a request that a client makes in a hidden frame',
    clause: 'OpenID Connect Core §3.1.2.1, §3.1.2.6',
  },
  async (_provider, context) => {
    const visitor = await context.visitor();
    for (const [who, browser, prompt] of [
      ['nobody is logged in', context.stranger(), 'none'],
      ['the user has not consented', visitor, 'none'],
      ['it comes with another value', visitor, 'none login'],
    ] as const) {
      await context.target.forget?.(visitor, context.target.client);
      const page = await shown(context, browser, prompt);
      if (page !== undefined) return succeeded(`prompt=none, where ${who}, is answered by ${page}`);
    }
    return withstood;
  },
);

/** Requests that need a new login, since the login is two seconds old. */
const DUE: readonly Changes[] = [{ prompt: 'login' }, { max_age: '1' }];

export const loginSkipped = openidAttack(
  {
    name: 'login-skipped',
    title: 'a request for which the user has to log in again is answered without a login',
    clause: 'OpenID Connect Core §3.1.2.1',
  },
  async ({ ask, logIn }, context): Promise<AttackOutcome> => {
    const { client } = context.target;
    const visitor = await context.visitor();
    await logIn(visitor, client, { max_age: '3600' }); // an honest request with max_age must succeed: a server that refuses max_age would prove nothing
    await context.wait(2);
    for (const changes of DUE) {
      const what = JSON.stringify(changes);
      if ((await ask(visitor, client, changes)).obtained) return succeeded(`${what} is ignored`);
      if (await decidedUnasked(context, visitor, changes))
        return succeeded(`with ${what}, a decision was enough that was posted in place of the login`);
    }
    return withstood;
  },
);

/** Logs another user in to the same browser. @throws Error if the first user is still logged in */
async function switchUser({ logIn }: Provider, { target }: AttackContext, visitor: Visitor): Promise<void> {
  const { sub } = (await logIn(visitor, target.client)).claims;
  await target.loginOther?.(visitor);
  if ((await logIn(visitor, target.client)).claims.sub === sub)
    throw new Error(`After loginOther in the same browser, ${sub} is logged in still`);
}

export const decisionAfterUserSwitch: Attack = openidAttack(
  {
    name: 'decision-after-user-switch',
    title: 'a dialog that one user was shown is answered after another has logged in to the same browser',
    clause: 'RFC 6749 §3.1, §10.12',
  },
  async (provider, context) => {
    const { client, loginOther } = context.target;
    if (!loginOther) return NO_OTHER_USER;
    const visitor = await context.visitor();
    const { form } = await context.dialog(visitor, client, { scope: openidScope(client) });
    await switchUser(provider, context, visitor);
    const answer = answerIn(await visitor.post(form.action, form.fields));
    return answer.has('code') ? succeeded('it gave a code') : withstood;
  },
);
