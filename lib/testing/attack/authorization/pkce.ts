/** Attacks that remove PKCE from the request, or ask for a token instead of a code. */
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { answerIn, membersOf } from '../http.js';
import { type Changes, challengeOf, random } from '../request.js';
import type { AttackClient } from '../target.js';

/** Sends a request that the user allows. @returns the parameters of the answer */
type Ask = (client: AttackClient, changes: Changes) => Promise<URLSearchParams>;

async function asker(context: AttackContext): Promise<Ask> {
  const visitor = await context.visitor();
  return async (client, changes) => {
    const { page } = await context.authorize(visitor, client, changes);
    return answerIn(await context.allow(visitor, page));
  };
}

const NONE: readonly Changes[] = [
  { code_challenge: undefined, code_challenge_method: undefined },
  { code_challenge: undefined },
  { code_challenge: '' },
];

export const pkceMissingChallenge: Attack = {
  name: 'pkce-missing-challenge',
  title: 'a request whose challenge was removed is answered with a code',
  clause: 'RFC 9700 §2.1.1',
  async run(context) {
    const { client, publicClient } = context.target;
    const ask = await asker(context);
    for (const one of publicClient ? [client, publicClient] : [client])
      for (const changes of NONE)
        if ((await ask(one, changes)).has('code'))
          return succeeded(
            `${one.client_id} is given a code with ${JSON.stringify({ code_challenge: null, ...changes })}`,
          );
    return withstood;
  },
};

/** RFC 7636 §4.3: a missing method means plain. */
const METHODS = ['plain', undefined, '', 'PLAIN', 's256', 'none'] as const;

export const pkcePlainDowngrade: Attack = {
  name: 'pkce-plain-downgrade',
  title: 'an attacker who reads the request knows the verifier, since the challenge may be the verifier itself',
  clause: 'RFC 9700 §2.1.1, RFC 7636 §7.2',
  async run(context) {
    const { client } = context.target;
    const ask = await asker(context);
    for (const code_challenge_method of METHODS) {
      const verifier = challengeOf(random());
      const changes = { code_challenge: verifier, code_challenge_method };
      const code = (await ask(client, changes)).get('code');
      if (code === null) continue;
      const obtained = { code, verifier, state: '', redirect_uri: client.redirect_uri, location: '' };
      const { access_token } = membersOf(await context.exchange(client, obtained)) as { access_token?: unknown };
      if (access_token !== undefined)
        return succeeded(`with code_challenge_method ${code_challenge_method ?? 'left out'}`);
    }
    return withstood;
  },
};

const TYPES = ['token', 'code token', 'token code', 'id_token token', 'code id_token token', 'Token'] as const;

export const implicitGrant: Attack = {
  name: 'implicit-grant',
  title: 'an access token is sent in a URL, where logs, histories and other programs find it',
  clause: 'RFC 9700 §2.1.2',
  async run(context) {
    const ask = await asker(context);
    for (const response_type of TYPES) {
      const answer = await ask(context.target.client, { response_type, nonce: random() });
      if (answer.has('access_token'))
        return succeeded(`response_type=${response_type} is answered with an access token`);
    }
    return withstood;
  },
};
