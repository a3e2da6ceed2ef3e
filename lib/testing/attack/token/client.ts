/** Attacks on client authentication. */
import { type Attack, type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { type Fields, type Page, paramsOf, send } from '../http.js';
import { basic, describePage, random } from '../request.js';
import type { AttackClient } from '../target.js';
import { guess, honestFields, isUnauthenticated, tokenIn } from './answer.js';

/** Authenticates as one client by Basic, and sends any fields, such as another client_id. */
function postBasic({ endpoints }: AttackContext, client: AttackClient, fields: Fields): Promise<Page> {
  return send(endpoints.token, { method: 'POST', headers: { authorization: basic(client) }, body: paramsOf(fields) });
}

export const clientConfusion: Attack = {
  name: 'client-confusion',
  title: 'a client authenticates as itself, and says in client_id that it is another',
  clause: 'RFC 6749 §4.1.3',
  async run(context) {
    const { client, otherClient, publicClient } = context.target;
    if (!otherClient) return skipped('there is no otherClient');
    if (isUnauthenticated(await postBasic(context, otherClient, guess(otherClient))))
      return skipped('otherClient cannot authenticate with Basic');
    for (const victim of [client, publicClient].filter((one) => one !== undefined)) {
      const { client_id } = victim;
      const page = await postBasic(context, otherClient, { ...(await honestFields(context, victim)), client_id });
      if (tokenIn(page) !== undefined) return succeeded(`${otherClient.client_id} passed for ${client_id}`);
    }
    return withstood;
  },
};

export const twoAuthentications: Attack = {
  name: 'two-authentications',
  title: 'a request authenticates by two methods, one of them wrong',
  clause: 'RFC 6749 §2.3',
  async run(context) {
    const { client } = context.target;
    const { client_id, client_secret = '' } = client;
    const wrong = altered(client_secret);
    const cases = [
      { header: client_secret, form: wrong, what: 'a right header and a wrong form' },
      { header: wrong, form: client_secret, what: 'a wrong header and a right form' },
      { header: client_secret, form: client_secret, what: 'both header and form' },
    ];
    for (const { header, form, what } of cases) {
      const fields = { ...(await honestFields(context, client)), client_id, client_secret: form };
      const page = await postBasic(context, { ...client, client_secret: header }, fields);
      if (tokenIn(page) !== undefined) return succeeded(`${what} gave tokens`);
    }
    return withstood;
  },
};

/** A wrong secret that has the length of the right one and differs in the last character. */
function altered(secret: string): string {
  return `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`;
}

async function tryAs(context: AttackContext, impostors: readonly AttackClient[]): Promise<AttackOutcome> {
  const { client } = context.target;
  for (const impostor of impostors) {
    const page = await context.exchange(impostor, await context.obtainCode(client));
    const shown = impostor.client_secret === undefined ? 'no secret' : `the secret "${impostor.client_secret}"`;
    if (tokenIn(page) !== undefined) return succeeded(`whoever has ${shown} passed for ${client.client_id}`);
  }
  return withstood;
}

export const wrongSecret: Attack = {
  name: 'wrong-secret',
  title: 'a client with a wrong secret is given tokens',
  clause: 'RFC 6749 §3.2.1',
  run(context) {
    const { client, otherClient } = context.target;
    const secrets = [altered(client.client_secret ?? ''), otherClient?.client_secret ?? random()];
    return tryAs(
      context,
      secrets.map((client_secret) => ({ ...client, client_secret })),
    );
  },
};

export const emptySecret: Attack = {
  name: 'empty-secret',
  title: 'a client with an empty secret is given tokens',
  clause: 'RFC 6749 §3.2.1',
  run(context) {
    const methods = ['client_secret_basic', 'client_secret_post'] as const;
    const { client } = context.target;
    return tryAs(
      context,
      methods.map((method) => ({ ...client, client_secret: '', token_endpoint_auth_method: method })),
    );
  },
};

export const noSecret: Attack = {
  name: 'no-secret',
  title: 'a confidential client is given tokens for its client_id alone',
  clause: 'RFC 6749 §3.2.1',
  run: (context) => tryAs(context, [{ ...context.target.client, client_secret: undefined }]),
};

/** The text of an answer, without the client identifier that was sent. */
function told(page: Page, { client_id }: AttackClient): string {
  const challenge = page.headers.get('www-authenticate') ?? 'no challenge';
  return `${describePage(page)} (${challenge})`.replaceAll(client_id, '(the client)');
}

export const clientEnumeration: Attack = {
  name: 'client-enumeration',
  title: 'an error tells whether there is a client of this name',
  clause: 'RFC 6749 §5.2',
  async run(context) {
    const { client, otherClient = client } = context.target;
    const ask = async (impostor: AttackClient): Promise<string> => {
      const page = await context.post(impostor, guess(impostor));
      if (!isUnauthenticated(page)) throw new Error(`A wrong secret is not refused: ${describePage(page)}`);
      return told(page, impostor);
    };
    const client_secret = random();
    const known = await ask({ ...otherClient, client_secret });
    const unknown = await ask({ ...otherClient, client_id: random(), client_secret });
    return known === unknown ? withstood : succeeded(`"${known}" where there is one, "${unknown}" where there is none`);
  },
};
