/** Attacks with the codes of other clients. */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import { describePage, random } from '../request.js';
import { guess, proveAuthentication, thefts, tokenIn } from './answer.js';

export const codeOfAnotherClient: Attack = {
  name: 'code-of-another-client',
  title: 'a client exchanges a code that was given to another',
  clause: 'RFC 6749 §4.1.3',
  async run(context) {
    const pairs = thefts(context);
    if (pairs.length === 0) return skipped('there is no other client');
    for (const { victim, thief } of pairs) {
      await proveAuthentication(context, thief);
      for (const redirect_uri of [victim.redirect_uri, thief.redirect_uri]) {
        const stolen = await context.obtainCode(victim);
        const page = await context.exchange(thief, stolen, { redirect_uri });
        if (tokenIn(page) !== undefined)
          return succeeded(`${thief.client_id} got tokens for a code of ${victim.client_id}`);
      }
    }
    return withstood;
  },
};

export const codeWithAnotherRedirectURI: Attack = {
  name: 'code-with-another-redirect-uri',
  title: 'a code is exchanged with a redirect URI that it was not sent to',
  clause: 'RFC 6749 §4.1.3',
  async run(context) {
    const { client } = context.target;
    const { redirect_uri, redirect_uris = [] } = client;
    const others = [
      ...redirect_uris.filter((uri) => uri !== redirect_uri),
      `${redirect_uri}/x`,
      'https://attacker.example/',
    ];
    for (const other of others) {
      const page = await context.exchange(client, await context.obtainCode(client), { redirect_uri: other });
      if (tokenIn(page) !== undefined) return succeeded(`a code sent to ${redirect_uri} was exchanged with ${other}`);
    }
    return withstood;
  },
};

/** How many characters differ between codes. */
function varying(codes: readonly string[]): number {
  const [first = '', ...rest] = codes;
  const shared = (at: (text: string, index: number) => string | undefined): number => {
    let length = 0;
    while (length < first.length && rest.every((code) => at(code, length) === at(first, length))) length += 1;
    return length;
  };
  const shortest = Math.min(...codes.map(({ length }) => length));
  return shortest - shared((text, index) => text.at(index)) - shared((text, index) => text.at(-1 - index));
}

/** RFC 6749 §10.10: the chance to guess a code is at most 2^-128, which needs 22 characters of base64url. */
const LEAST = 22;

export const codeGuessing: Attack = {
  name: 'code-guessing',
  title: 'codes are so short, or so similar, that the next one can be guessed',
  clause: 'RFC 6749 §10.10',
  async run(context) {
    const codes: string[] = [];
    for (let count = 0; count < 5; count += 1) codes.push((await context.obtainCode(context.target.client)).code);
    const characters = varying(codes);
    if (characters >= LEAST) return withstood;
    return succeeded(`codes differ in ${Math.max(0, characters)} characters only: ${codes[0]}, ${codes[1]}`);
  },
};

export const codeOracle: Attack = {
  name: 'code-oracle',
  title: 'an error tells whether a code exists that belongs to another client',
  clause: 'RFC 6749 §5.2',
  async run(context) {
    const { client, otherClient } = context.target;
    if (!otherClient) return skipped('there is no otherClient');
    await proveAuthentication(context, otherClient);
    const [fresh, spent] = [await context.obtainCode(client), await context.obtainCode(client)];
    await context.exchange(client, spent);
    const ask = async (code: string): Promise<string> =>
      describePage(await context.post(otherClient, { ...guess(otherClient), code }));
    const unknown = await ask(random());
    for (const { code } of [fresh, spent]) {
      const answer = await ask(code);
      if (answer !== unknown) return succeeded(`"${answer}" for a code of another client, "${unknown}" for none`);
    }
    return withstood;
  },
};
