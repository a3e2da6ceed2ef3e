/** Attacks on PKCE at the token endpoint: on the proof that the sender of a code is the one who requested it. */
import { type Attack, succeeded, withstood } from '../attack.js';
import { answerIn } from '../http.js';
import { challengeOf, random } from '../request.js';
import { tokenIn } from './answer.js';

export const pkceMissingVerifier: Attack = {
  name: 'pkce-missing-verifier',
  title: 'a code is exchanged without its verifier',
  clause: 'RFC 7636 §4.6',
  async run(context) {
    const { client, publicClient = client } = context.target;
    for (const thief of new Set([client, publicClient])) {
      for (const code_verifier of [undefined, '']) {
        const page = await context.exchange(thief, await context.obtainCode(thief), { code_verifier });
        if (tokenIn(page) !== undefined) return succeeded(`${thief.client_id} got tokens without a code_verifier`);
      }
    }
    return withstood;
  },
};

/** Verifiers that a faulty comparison would accept. */
const WRONG: readonly ((verifier: string) => string)[] = [
  random,
  challengeOf,
  (verifier) => `${verifier}x`,
  (verifier) => verifier.slice(0, -1),
  (verifier) => verifier.toLowerCase(),
  (verifier) => `${verifier} `,
];

export const pkceWrongVerifier: Attack = {
  name: 'pkce-wrong-verifier',
  title: "a code is exchanged with a verifier that is not the request's",
  clause: 'RFC 7636 §4.6',
  async run(context) {
    const { client } = context.target;
    for (const wrong of WRONG) {
      const obtained = await context.obtainCode(client);
      const code_verifier = wrong(obtained.verifier);
      const page = await context.exchange(client, obtained, { code_verifier });
      if (tokenIn(page) !== undefined) return succeeded(`${code_verifier} counted as ${obtained.verifier}`);
    }
    return withstood;
  },
};

const GUESSES = 100;

export const pkceBruteForce: Attack = {
  name: 'pkce-brute-force',
  title: `after ${GUESSES} wrong verifiers a code is still good`,
  clause: 'RFC 7636 §4.6',
  async run(context) {
    const { client } = context.target;
    const obtained = await context.obtainCode(client);
    for (let guess = 1; guess <= GUESSES; guess += 1) {
      const page = await context.exchange(client, obtained, { code_verifier: random() });
      if (tokenIn(page) !== undefined) return succeeded(`a wrong verifier gave tokens (guess ${guess})`);
    }
    const last = await context.exchange(client, obtained);
    return tokenIn(last) === undefined ? withstood : succeeded(`the code survived ${GUESSES} wrong verifiers`);
  },
};

export const pkceVerifierWithoutChallenge: Attack = {
  name: 'pkce-verifier-without-challenge',
  title: 'an attacker removes the challenge from a request, and the server does not notice it when the verifier comes',
  clause: 'RFC 9700 §4.8.2',
  async run(context) {
    const { client } = context.target;
    const visitor = await context.visitor();
    await context.target.forget?.(visitor, client);
    const stripped = { code_challenge: undefined, code_challenge_method: undefined };
    const { page, ...request } = await context.authorize(visitor, client, stripped);
    const answer = await context.allow(visitor, page);
    const code = answerIn(answer).get('code');
    if (code === null) return { outcome: 'withstood', detail: 'no code is given without a challenge' };
    const exchanged = await context.exchange(client, { ...request, code, location: answer.location ?? '' });
    return tokenIn(exchanged) === undefined
      ? withstood
      : succeeded('a verifier was taken for a code without a challenge');
  },
};
