/** Attacks on CIBA: on clients, and on users who decide on a device of their own. @see OpenID Connect Client-Initiated Backchannel Authentication */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import { othersThan, pollAtOnce, pollFast, stealTokens } from '../polling.js';
import { describePage, random } from '../request.js';
import { newKey, sign, unsigned } from '../signed/jwt.js';
import { honest, memberOf, tokenIn } from '../token/answer.js';
import { allow, ask, backchannelAttack, begin, dialogFor, poll, requestFor, send } from './till.js';

const requestOfAnotherClient = backchannelAttack(
  {
    name: 'backchannel-request-of-another-client',
    title: 'a client polls with the auth_req_id of another',
    clause: 'OpenID Connect Client-Initiated Backchannel Authentication §10.1, §11',
  },
  async (context, backchannel) => {
    const { client } = backchannel;
    const thieves = othersThan(client, context);
    if (thieves.length === 0) return skipped('there is no other client');
    const begun = await begin(context, backchannel);
    await allow(context, backchannel, await context.visitor(), begun);
    return stealTokens(client, thieves, (by) => poll(context, by, begun), 'auth_req_id');
  },
);

const requestReplay = backchannelAttack(
  {
    name: 'backchannel-request-replay',
    title: 'an auth_req_id is exchanged twice, or several times at the same moment',
    clause: 'OpenID Connect Client-Initiated Backchannel Authentication §10.1.1',
  },
  async (context, backchannel) => {
    const { client } = backchannel;
    const visitor = await context.visitor();
    const begun = await begin(context, backchannel);
    await allow(context, backchannel, visitor, begun);
    honest(await poll(context, client, begun), 'A client whose user has allowed it');
    if (tokenIn(await poll(context, client, begun)) !== undefined) return succeeded('the second exchange gave tokens');
    const raced = await begin(context, backchannel);
    await allow(context, backchannel, visitor, raced);
    await context.wait(raced.interval);
    return pollAtOnce(() => ask(context, client, raced));
  },
);

const fastPolling = backchannelAttack(
  {
    name: 'backchannel-fast-polling',
    title: 'a client polls as often as it likes',
    clause: 'OpenID Connect Client-Initiated Backchannel Authentication §7.3, §11',
  },
  async (context, backchannel) => {
    const begun = await begin(context, backchannel);
    const { client } = backchannel;
    return pollFast(await poll(context, client, begun), () => ask(context, client, begun));
  },
);

const decisionOfAnotherUser = backchannelAttack(
  {
    name: 'backchannel-decision-of-another-user',
    title: 'another user, or a browser without a login, decides a request that one user was asked',
    clause: 'OpenID Connect Client-Initiated Backchannel Authentication §8',
  },
  async (context, backchannel) => {
    const { client } = backchannel;
    const [owner, other] = [await context.visitor(), await context.otherVisitor()];
    const begun = await begin(context, backchannel);
    const form = await dialogFor(context, backchannel, owner, begun);
    if (!form) throw new Error('The user who was asked is shown no dialog');
    const others = context.target.loginOther ? await dialogFor(context, backchannel, other, begun) : undefined;
    if (others) await other.post(others.action, others.fields);
    for (const browser of [other, context.stranger()]) await browser.post(form.action, form.fields);
    if (tokenIn(await poll(context, client, begun)) !== undefined)
      return succeeded('somebody else has allowed it, and the client got tokens');
    await owner.post(form.action, form.fields);
    if (tokenIn(await poll(context, client, begun)) === undefined)
      throw new Error('The user who was asked cannot allow it');
    return withstood;
  },
);

const unsignedRequest = backchannelAttack(
  {
    name: 'backchannel-request-unsigned',
    title: 'an attacker who knows the secret of a client, and not its key, sends requests to users in its name',
    clause: 'OpenID Connect Client-Initiated Backchannel Authentication §7.1.1',
  },
  async (context, backchannel) => {
    const client = backchannel.signingClient;
    if (!client?.signing_key) return skipped('there is no signingClient with a signing_key');
    const { issuer } = context.target;
    const now = Math.floor(Date.now() / 1000);
    const claims = () => ({
      ...{ iss: client.client_id, aud: issuer, iat: now, nbf: now, exp: now + 300, jti: random() },
      ...requestFor(backchannel, client),
    });
    const { alg = 'ES256', kid } = client.signing_key;
    const own = { alg, privateJWK: client.signing_key, publicJWK: client.signing_key };
    const good = await send(context, client, { request: await sign({ kid }, claims(), own) });
    if (memberOf(good, 'auth_req_id') === undefined)
      throw new Error(`An honest signed request is answered with ${describePage(good)}`);
    const forged: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'without a signature': requestFor(backchannel, client),
      'with alg none': { request: unsigned({ kid }, claims()) },
      'signed by another key': { request: await sign({ kid }, claims(), await newKey(alg, kid)) },
    };
    for (const [how, params] of Object.entries(forged))
      if (memberOf(await send(context, client, params), 'auth_req_id') !== undefined)
        return succeeded(`a request ${how} was taken`);
    return withstood;
  },
);

export const backchannelAttacks: readonly Attack[] = [
  requestOfAnotherClient,
  requestReplay,
  fastPolling,
  decisionOfAnotherUser,
  unsignedRequest,
];
