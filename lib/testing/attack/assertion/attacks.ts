/** Attacks on assertions as grants: RFC 7523 §2.1, and ID-JAGs. */
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import { firstTaken, forgeriesOf, publishedKeys, withOwnKey } from '../signed/forgeries.js';
import { draft, ID_JAG, isTaken, keyOf, signed, withAssertions } from './present.js';

const assertionForgery: Attack = {
  name: 'assertion-grant-forgery',
  title: 'an assertion that the trusted issuer has not signed gets a token',
  clause: 'RFC 7523 §3, RFC 8725 §2.1, §3.1',
  run: (context) =>
    withAssertions(context, async (assertions, client) => {
      const { jwks_uri: uri } = await context.metadata();
      const serverKeys = await publishedKeys(uri);
      const found = await withOwnKey((own) =>
        firstTaken(
          forgeriesOf([keyOf(assertions).publicJWK], serverKeys, { sub: 'somebody else' }, own),
          own,
          () => signed(draft(context, assertions, client)),
          (assertion) => isTaken(context, client, assertion),
        ),
      );
      return found === undefined ? withstood : succeeded(`an assertion ${found}`);
    }),
};

const assertionConfusion: Attack = {
  name: 'assertion-grant-confusion',
  title: 'a JWT that the issuer signed for another server, another time or another purpose gets a token',
  clause: 'RFC 7523 §3, RFC 8725 §3.11',
  run: (context) =>
    withAssertions(context, async (assertions, client) => {
      const [own, now] = [context.target.issuer, Math.floor(Date.now() / 1000)];
      const { typ } = assertions;
      const confusions = [
        ['is for another server', { aud: 'https://other-as.example' }],
        ['is for another server as well', { aud: [own, 'https://other-as.example'] }],
        ['has expired', { iat: now - 7200, exp: now - 3600 }],
        ['never expires', { exp: undefined }],
        ['is another kind of JWT', {}, { typ: 'at+jwt' }],
        ...(typ ? [['does not say by typ what it is', {}, { typ: undefined }] as const] : []),
      ] as const;
      for (const [what, claims, header] of confusions)
        if (await isTaken(context, client, await signed(draft(context, assertions, client, claims), header)))
          return succeeded(`an assertion was taken that ${what}`);
      return withstood;
    }),
};

const assertionReplay: Attack = {
  name: 'assertion-grant-replay',
  title: 'an assertion that was used gets another token',
  clause: 'RFC 7523 §3 item 7',
  run: (context) =>
    withAssertions(context, async (assertions, client) => {
      const assertion = await signed(draft(context, assertions, client));
      const taken: boolean[] = [];
      for (let time = 0; time < 2; time++) taken.push(await isTaken(context, client, assertion));
      return taken[0] && taken[1] ? succeeded('the second use of an assertion got a token') : withstood;
    }),
};

const assertionOfAnotherClient: Attack = {
  name: 'assertion-grant-of-another-client',
  title: 'one client presents the ID-JAG of another',
  clause: 'ID-JAG §4.4.1',
  run: (context) =>
    withAssertions(context, async (assertions, client) => {
      const { otherClient } = context.target;
      if (assertions.typ !== ID_JAG) return skipped('assertions of this type name no client');
      if (!otherClient) return skipped('there is no otherClient');
      for (const [what, changes] of [
        ['of another client', {}],
        ['that names no client', { client_id: undefined }],
      ] as const)
        if (await isTaken(context, otherClient, await signed(draft(context, assertions, client, changes))))
          return succeeded(`${otherClient.client_id} got a token by an ID-JAG ${what}`);
      return withstood;
    }),
};

const assertionOfAnotherIssuer: Attack = {
  name: 'assertion-grant-of-another-issuer',
  title: 'one trusted issuer vouches for the users of another',
  clause: 'RFC 7523 §3 item 1, item 9',
  run: (context) =>
    withAssertions(context, async (assertions, client) => {
      if (!assertions.other) return skipped('there is no other issuer');
      const other = keyOf(assertions.other);
      const one = draft(context, assertions, client);
      for (const kid of [other.kid, one.key.kid])
        if (await isTaken(context, client, await signed({ ...one, key: other }, { kid })))
          return succeeded(
            `${assertions.other.issuer} signed an assertion of ${assertions.issuer}, and it got a token`,
          );
      return withstood;
    }),
};

export const assertionAttacks: readonly Attack[] = [
  assertionForgery,
  assertionConfusion,
  assertionReplay,
  assertionOfAnotherClient,
  assertionOfAnotherIssuer,
];
