/** Attacks with request objects that the client has not signed, or has signed for another purpose. */
import { type Attack, type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { answerIn } from '../http.js';
import { challengeOf, random } from '../request.js';
import { tokenIn } from '../token/answer.js';
import type { Visitor } from '../visitor.js';
import { firstTaken, forgeriesOf, publishedKeys, withOwnKey } from './forgeries.js';
import type { Members } from './jwt.js';
import { draft, isTaken, keyOf, missing, send, signed } from './request-object.js';

export const requestObjectForgery: Attack = {
  name: 'request-object-forgery',
  title: 'a request object that the client has not signed is accepted as its own',
  clause: 'RFC 9101 §6.2, §10.1',
  async run(context) {
    const { client } = context.target;
    const visitor = await context.visitor();
    const lacking = await missing(context, visitor);
    if (lacking) return lacking;
    const { jwks_uri: uri } = await context.metadata();
    const serverKeys = await publishedKeys(uri);
    const found = await withOwnKey((own) =>
      firstTaken(
        forgeriesOf([keyOf(client).publicJWK], serverKeys, { state: random() }, own),
        own,
        () => signed(draft(context, client)),
        (object) => isTaken(context, visitor, object),
      ),
    );
    return found === undefined ? withstood : succeeded(`an object ${found}`);
  },
};

/** Claims of objects with a valid signature that are not for this server, this client, or this time. */
function confusions({
  target,
}: AttackContext): readonly (readonly [what: string, claims: Members, header?: Members])[] {
  const now = Math.floor(Date.now() / 1000);
  return [
    ['is for another server', { aud: 'https://other-as.example' }],
    ['is issued by somebody else', { iss: target.otherClient?.client_id ?? 'https://attacker.example' }],
    ['has expired', { iat: now - 7200, nbf: now - 7200, exp: now - 3600 }],
    ['names another client inside', { client_id: target.otherClient?.client_id ?? 'attacker' }],
    ['has a request object inside', { request: 'e30.e30.' }],
    ['has a request_uri inside', { request_uri: 'https://attacker.example/object.jwt' }],
    ['is another kind of JWT', {}, { typ: 'dpop+jwt' }],
  ];
}

export const requestObjectConfusion: Attack = {
  name: 'request-object-confusion',
  title: 'a JWT that the client signed for another server, another time or another purpose is accepted as its request',
  clause: 'RFC 9101 §4, §6.3, §10.8',
  async run(context) {
    const visitor = await context.visitor();
    const lacking = await missing(context, visitor);
    if (lacking) return lacking;
    for (const [what, claims, header] of confusions(context))
      if (await isTaken(context, visitor, await signed(draft(context, context.target.client, claims), header)))
        return succeeded(`an object was taken that ${what}`);
    return withstood;
  },
};

export const requestObjectOfAnotherClient: Attack = {
  name: 'request-object-of-another-client',
  title: 'one client sends a request object that another has signed',
  clause: 'RFC 9101 §6.3',
  async run(context) {
    const { client, otherClient } = context.target;
    const visitor = await context.visitor();
    const lacking = await missing(context, visitor);
    if (lacking) return lacking;
    if (!otherClient?.signing_key) return skipped('there is no otherClient with a signing_key');
    const { client_id } = client;
    for (const [what, claims] of [
      ['of another client', {}],
      [
        'in which another client says that it is this one',
        { iss: client_id, client_id, redirect_uri: client.redirect_uri },
      ],
    ] as const)
      if (await isTaken(context, visitor, await signed(draft(context, otherClient, claims))))
        return succeeded(`${client_id} got a code by an object ${what}`);
    return withstood;
  },
};

/** Sends an object with further parameters beside it, and checks that they are ignored. */
async function besides(context: AttackContext, visitor: Visitor): Promise<AttackOutcome> {
  const { client } = context.target;
  const { client_id } = client;
  const [one, state, verifier] = [draft(context, client), random(), random()];
  const request = await signed(one);
  const page = await send(context, visitor, { client_id, request, state, code_challenge: challengeOf(verifier) });
  if (answerIn(page).get('state') === state) return succeeded('the state beside the object came back');
  const code = answerIn(page).get('code');
  if (code === null) return withstood; // refused, which is stricter than RFC 9101 §6.3
  const stolen = { code, verifier, state, redirect_uri: client.redirect_uri, location: '' };
  return tokenIn(await context.exchange(client, stolen)) === undefined
    ? withstood
    : succeeded('the code_challenge beside the object counted');
}

export const requestObjectBeside: Attack = {
  name: 'request-object-beside',
  title: 'parameters that are sent beside a signed request are used',
  clause: 'RFC 9101 §5, §6.3',
  async run(context) {
    const { client } = context.target;
    const visitor = await context.visitor();
    const lacking = await missing(context, visitor);
    if (lacking) return lacking;
    const outcome = await besides(context, visitor);
    if (outcome.outcome !== 'withstood') return outcome;
    const plain = Object.fromEntries(new URL(context.request(client).url).searchParams);
    const { client_id } = client;
    const both = {
      client_id,
      request: await signed(draft(context, client)),
      request_uri: 'https://client.example/object',
    };
    if (answerIn(await send(context, visitor, both)).has('code'))
      return succeeded('request and request_uri came together');
    return answerIn(await send(context, visitor, { ...plain, request: 'no.object.here' })).has('code')
      ? succeeded('an object that cannot be read was ignored, and the parameters beside it counted')
      : withstood;
  },
};
