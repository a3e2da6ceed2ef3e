/** An attack with a session that was there before the login. */
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import type { Cookies } from '../cookies.js';
import { answerIn } from '../http.js';
import type { Visitor } from '../visitor.js';

/** The cookies that the server gives to a browser without a login: at the authorization endpoint, and on the pages up to the form of the login. */
async function cookiesBeforeLogin({ authorize, stranger, target }: AttackContext): Promise<Cookies> {
  const browser = stranger();
  await authorize(browser, target.client);
  const stop = () => Promise.reject(new Error('The login is not sent'));
  // what `login` says of this is of no interest: the honest login follows, and must succeed
  await (async () => target.login({ ...browser, post: stop, submit: stop }))().catch(() => undefined);
  return browser.snapshot();
}

/** Whether this browser gets a code for the client. */
async function getsCode({ allow, authorize, target }: AttackContext, browser: Visitor): Promise<boolean> {
  const { page } = await authorize(browser, target.client);
  return answerIn(await allow(browser, page)).has('code');
}

export const sessionFixation: Attack = {
  name: 'session-fixation',
  title: 'an attacker plants the cookies of their own browser in that of a user, who logs in with them',
  clause: 'RFC 6749 §10.12',
  async run(context) {
    const planted = await cookiesBeforeLogin(context);
    if (planted.size === 0) return { outcome: 'withstood', detail: 'there is no cookie before the login' };
    const [attacker, victim] = [context.stranger(), context.stranger()];
    for (const browser of [attacker, victim]) browser.restore(planted);
    if (await getsCode(context, attacker)) throw new Error('A browser in which nobody has logged in gets a code');
    attacker.restore(planted);
    await context.target.login(victim);
    await context.dialog(victim, context.target.client); // if the user were not logged in, a refusal to the attacker would prove nothing
    return (await getsCode(context, attacker))
      ? succeeded('with the cookies of before the login, the browser of the attacker is logged in as the user')
      : withstood;
  },
};
