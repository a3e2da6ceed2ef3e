/** Attacks on pushed authorization requests. */
import { skipped, succeeded, withstood } from '../attack.js';
import { answerIn } from '../http.js';
import { challengeOf, random } from '../request.js';
import { memberOf, tokenIn } from '../token/answer.js';
import { open, post, push, pushedAttack, urlOf, visitorOfHonest } from './push.js';

export const pushedRequestWithoutAuthentication = pushedAttack(
  {
    name: 'pushed-request-without-authentication',
    title: 'an attacker pushes a request in the name of a confidential client',
    clause: 'RFC 9126 §2',
  },
  async (context) => {
    const { client } = context.target;
    await push(context, client);
    for (const client_secret of [undefined, random()]) {
      const page = await post(context, { ...client, client_secret }, context.request(client));
      if (memberOf(page, 'request_uri') !== undefined)
        return succeeded(`a request of ${client.client_id} was taken with ${client_secret ?? 'no secret'}`);
    }
    return withstood;
  },
);

export const pushedRequestOfAnotherClient = pushedAttack(
  {
    name: 'pushed-request-of-another-client',
    title: 'a client uses the request_uri of another',
    clause: 'RFC 9126 §2.2',
  },
  async (context) => {
    const { client, otherClient, publicClient } = context.target;
    const thieves = [otherClient, publicClient].filter((one) => one !== undefined);
    if (thieves.length === 0) return skipped('there is no other client');
    const visitor = await visitorOfHonest(context);
    for (const thief of thieves) {
      const stolen = await push(context, client);
      if ((await open(context, visitor, urlOf(context, thief, stolen))).has('code'))
        return succeeded(`${thief.client_id} got a code by a request_uri of ${client.client_id}`);
    }
    return withstood;
  },
);

export const pushedRequestReplay = pushedAttack(
  {
    name: 'pushed-request-replay',
    title: 'a request_uri that was answered is used again, or in two dialogs at once',
    clause: 'RFC 9126 §4, §7.3',
  },
  async (context) => {
    const { client } = context.target;
    const visitor = await visitorOfHonest(context);
    const used = urlOf(context, client, await push(context, client));
    const first = (await open(context, visitor, used)).get('code');
    const again = (await open(context, visitor, used)).get('code');
    if (first !== null && again !== null && again !== first) return succeeded('a request_uri gave a second code');
    const twice = urlOf(context, client, await push(context, client));
    await context.target.forget?.(visitor, client);
    const pages = [await visitor.get(twice), await visitor.get(twice)];
    const codes = new Set<string>();
    for (const page of pages) {
      const code = answerIn(await context.allow(visitor, page)).get('code');
      if (code !== null) codes.add(code);
    }
    return codes.size > 1 ? succeeded('two dialogs of one request_uri gave a code each') : withstood;
  },
);

export const pushedRequestBeside = pushedAttack(
  {
    name: 'pushed-request-beside',
    title: 'parameters that are sent beside a request_uri are used',
    clause: 'RFC 9126 §4',
  },
  async (context) => {
    const { client } = context.target;
    const visitor = await visitorOfHonest(context);
    const [state, verifier] = [random(), random()];
    const beside = { state, code_challenge: challengeOf(verifier), code_challenge_method: 'S256' };
    const answer = await open(context, visitor, urlOf(context, client, await push(context, client), beside));
    if (answer.get('state') === state) return succeeded('the state beside the request_uri came back');
    const stolen = {
      code: answer.get('code') ?? random(),
      verifier,
      state,
      redirect_uri: client.redirect_uri,
      location: '',
    };
    return tokenIn(await context.exchange(client, stolen)) === undefined
      ? withstood
      : succeeded('the code_challenge beside the request_uri counted');
  },
);
