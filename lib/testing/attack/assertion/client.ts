/** Attacks on clients that authenticate by an assertion: RFC 7523 §2.2. */
import { type Attack, type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { send } from '../http.js';
import { describePage, random } from '../request.js';
import { firstTaken, forgeriesOf, publishedKeys, withOwnKey } from '../signed/forgeries.js';
import { type Members, sign, withChanges } from '../signed/jwt.js';
import { keyOf } from '../signed/request-object.js';
import type { AttackClient } from '../target.js';
import { guess, isUnauthenticated, tokenIn } from '../token/answer.js';

/** A new assertion. @param changes claims to set; undefined removes one */
async function assertionOf({ target }: AttackContext, client: AttackClient, changes: Members = {}): Promise<string> {
  const { client_id } = client;
  const now = Math.floor(Date.now() / 1000);
  const about = { iss: client_id, sub: client_id, aud: target.issuer, iat: now, exp: now + 60, jti: random() };
  const key = keyOf(client);
  return sign(withChanges({ kid: key.kid }, {}), withChanges(about, changes), key);
}

/** Whether an assertion authenticates the client: the request is then refused because of its code. @throws Error if the server failed or throttles guesses */
async function isTaken({ endpoints }: AttackContext, client: AttackClient, assertion: string): Promise<boolean> {
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const fields = { ...guess(client), client_assertion_type: type, client_assertion: assertion };
  const page = await send(endpoints.token, { method: 'POST', body: new URLSearchParams(fields) });
  if (tokenIn(page) !== undefined) throw new Error(`A code that was never issued gives a token: ${describePage(page)}`);
  return !isUnauthenticated(page) && /invalid_grant/.test(page.text);
}

/** An attack on a target that has such a client, and accepts its honest assertion. */
function clientAttack(
  about: Omit<Attack, 'run'>,
  attempt: (context: AttackContext, client: AttackClient) => Promise<AttackOutcome>,
): Attack {
  return {
    ...about,
    async run(context) {
      const { assertionClient: client } = context.target;
      if (!client) return skipped('there is no assertionClient');
      if (await isTaken(context, client, await assertionOf(context, client))) return attempt(context, client);
      throw new Error(`An honest assertion of ${client.client_id} does not authenticate it`);
    },
  };
}

const clientAssertionForgery = clientAttack(
  {
    name: 'client-assertion-forgery',
    title: 'an assertion that the client has not signed authenticates it',
    clause: 'RFC 7523 §3, RFC 8725 §2.1, §3.10',
  },
  async (context, client) => {
    const { jwks_uri: uri } = await context.metadata();
    const serverKeys = await publishedKeys(uri);
    const found = await withOwnKey((own) =>
      firstTaken(
        forgeriesOf([keyOf(client).publicJWK], serverKeys, { jti: random() }, own),
        own,
        () => assertionOf(context, client),
        (assertion) => isTaken(context, client, assertion),
      ),
    );
    return found === undefined ? withstood : succeeded(`an assertion ${found}`);
  },
);

const clientAssertionConfusion = clientAttack(
  {
    name: 'client-assertion-confusion',
    title: 'an assertion for another server, another client or another time authenticates a client',
    clause: 'RFC 7523 §3',
  },
  async (context, client) => {
    const now = Math.floor(Date.now() / 1000);
    const other = context.target.client;
    for (const [what, claimed, changes] of [
      ['is for another server', client, { aud: 'https://other-as.example' }],
      ['has expired', client, { iat: now - 7200, exp: now - 3600 }],
      ['never expires', client, { exp: undefined }],
      ['is issued by another client', client, { iss: other.client_id }],
      ['names another client', other, { iss: other.client_id, sub: other.client_id }],
    ] as const)
      if (await isTaken(context, claimed, await assertionOf(context, client, changes)))
        return succeeded(`an assertion was taken that ${what}`);
    return withstood;
  },
);

const clientAssertionReplay = clientAttack(
  {
    name: 'client-assertion-replay',
    title: 'an intercepted assertion is used again',
    clause: 'RFC 7523 §3 item 7',
  },
  async (context, client) => {
    const assertion = await assertionOf(context, client);
    const taken: boolean[] = [];
    for (let time = 0; time < 2; time += 1) taken.push(await isTaken(context, client, assertion));
    if (!taken[0]) throw new Error(`A second honest assertion of ${client.client_id} does not authenticate it`);
    return taken[1] ? succeeded('it authenticated twice') : withstood;
  },
);

export const clientAssertionAttacks: readonly Attack[] = [
  clientAssertionForgery,
  clientAssertionConfusion,
  clientAssertionReplay,
];
