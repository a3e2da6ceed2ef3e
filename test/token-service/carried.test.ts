/** What extensions add to authorizations and token requests: it comes out as it went in, or not at all. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import type { Authorization, TokenRequest, Transaction } from 'koauthorize';
import {
  type AccessTokens,
  generateSigningKey,
  jwt,
  keySet,
  opaque,
  type StoredRecord,
  type TokenStore,
  tokenService,
} from 'koauthorize/tokens';
import { ParamMap } from '../../lib/syntax/param-map.js';
import { type App, CLIENT, ISSUER, type User } from '../support/authorization-server.js';
import { PLACES, type Place } from '../support/places.js';

type JSONObject = Record<string, unknown>;

const RUNS = { memory: 60, lmdb: 15, PostgreSQL: 10, Redis: 10 } as const;

/** Names that an extension cannot add: they are the toolkit's, or no object can carry them. */
const OWN_MEMBERS = ['clientID', 'redirectURI', 'scope', 'request', 'subject', 'authentication', 'confirmation'];
const OF_SERVICE = ['authorizationID', 'authorizedAt', 'username', 'family', 'refreshes', '__proto__'];
const OWN_CLAIMS = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'client_id', 'scope', 'cnf', 'acr', 'amr'];
const TOLD = ['auth_time', 'active', 'token_type', 'username', '__proto__'];

/** JSON as it is after one way through text: without -0, say. */
const asJSON = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const objects = (taken: readonly string[], constraints: fc.DictionaryConstraints = {}): fc.Arbitrary<JSONObject> =>
  fc
    .dictionary(
      fc.string({ unit: 'binary' }).filter((name) => !taken.includes(name)),
      fc.jsonValue({ maxDepth: 3 }),
      { maxKeys: 4, ...constraints },
    )
    .map(asJSON);

const additions = fc.record({
  authorized: objects([...OWN_MEMBERS, ...OF_SERVICE], { minKeys: 1 }),
  claims: objects([...OWN_CLAIMS, ...TOLD]),
  notes: objects([]).map((notes) => ({ ...notes, note: 'for verify alone' })),
  audience: fc.array(fc.webUrl(), { minLength: 1, maxLength: 3 }),
  tokenType: fc.constantFrom('DPoP', 'N_A'),
  confirmation: objects([]).filter((members) => Object.keys(members).length > 0),
});

const txn = { client: CLIENT, user: { id: 'alice', name: '' } } as unknown as Transaction<App, User>;
const AUTHORIZATION: Authorization = {
  clientID: CLIENT.client_id,
  redirectURI: 'https://client.example/callback',
  scope: ['read'],
  request: { type: 'code', clientID: CLIENT.client_id },
};

function requestOf(params: Record<string, string>, more: Partial<TokenRequest<App>> = {}): TokenRequest<App> {
  const client = { ...CLIENT, token_endpoint_auth_method: 'none' };
  return { grantType: '', client, params: new ParamMap(Object.entries(params)), body: params, ...more };
}

/** A service, and the way from a decision to refreshed tokens. */
function service(store: TokenStore, accessTokens: AccessTokens = opaque()) {
  const tokens = tokenService<App, User>({ store, accessTokens });
  const redeem = async (code: string, more?: Partial<TokenRequest<App>>) => {
    const request = requestOf({ code }, more);
    const granted = (await tokens.code.redeem(code, request)) ?? assert.fail('the code is unknown');
    return { granted, tokens: await tokens.code.issue(granted, request) };
  };
  const refresh = async (refreshToken = '', more?: Partial<TokenRequest<App>>) => {
    const request = requestOf({ refresh_token: refreshToken }, more);
    const granted = (await tokens.refreshToken.redeem(refreshToken, request)) ?? assert.fail('unknown');
    return { granted, tokens: await tokens.refreshToken.issue(granted, request) };
  };
  return { tokens, redeem, refresh };
}

/** The members of what was redeemed that an extension has put there. */
const membersOf = (granted: object, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, (granted as JSONObject)[name]]));

for (const [name, make] of Object.entries(PLACES)) {
  describe(`token service: what extensions add, on ${name}`, () => {
    let place: Place | undefined;
    const formats: Record<string, AccessTokens> = { opaque: opaque() };
    before(async function () {
      this.timeout(60_000);
      place = await make();
      if (!place) this.skip();
      const keys = await keySet({ signing: await generateSigningKey('ES256') });
      formats['JWT'] = jwt({ issuer: ISSUER, audience: 'https://usual.example', keys });
    });
    after(() => place?.remove());

    for (const format of ['opaque', 'JWT']) {
      it(`comes out of codes, refresh tokens, introspection and verify as it went in: ${format}`, async function () {
        this.timeout(60_000);
        const { tokens, redeem, refresh } = service(place?.open() ?? assert.fail(), formats[format]);
        const runs = { numRuns: RUNS[name as keyof typeof RUNS] };
        await fc.assert(
          fc.asyncProperty(additions, async ({ authorized, ...added }) => {
            const code = await tokens.code.issue(txn, Object.assign({}, AUTHORIZATION, authorized));
            const first = await redeem(code, added);
            const second = await refresh(first.tokens.refresh_token, added);
            for (const { granted, tokens: issued } of [first, second]) {
              assert.deepEqual(membersOf(granted, Object.keys(authorized)), authorized);
              assert.equal(issued.token_type, added.tokenType);
              const verified = (await tokens.verify(issued.access_token)) ?? assert.fail();
              const { claims, notes, audience, tokenType, confirmation } = verified;
              assert.deepEqual(asJSON({ claims, notes, audience, tokenType, confirmation }), added);
              const told = await tokens.introspect(issued.access_token);
              assert.ok(told.active);
              assert.equal(told.token_type, added.tokenType);
              assert.deepEqual(asJSON([told['aud']].flat()), added.audience);
              assert.deepEqual(asJSON(membersOf(told, Object.keys(added.claims))), added.claims);
              if (format === 'JWT')
                assert.deepEqual(membersOf(decodeJwt(issued.access_token), Object.keys(added.claims)), added.claims);
              assert.doesNotMatch(JSON.stringify(told), /for verify alone/);
            }
            assert.deepEqual(asJSON(second.granted.confirmation), added.confirmation, 'a public client’s');
          }),
          runs,
        );
      });
    }
  });
}

/** The paths of all members of JSON. */
function pathsIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => [[name], ...pathsIn(each).map((path) => [name, ...path])]);
}

/** A copy without the member at a path. */
function without(value: unknown, [name = '', ...path]: readonly string[]): unknown {
  if (Array.isArray(value))
    return path.length > 0
      ? value.map((each, i) => (`${i}` === name ? without(each, path) : each))
      : value.filter((_, i) => `${i}` !== name);
  const entries = Object.entries(value as JSONObject);
  const left = path.length > 0 ? entries : entries.filter(([each]) => each !== name);
  return Object.fromEntries(left.map(([each, member]) => [each, each === name ? without(member, path) : member]));
}

/** A copy whose members stand in the opposite order, at every depth: JSON says nothing of their order, and `jsonb` has one of its own. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, member]) => [name, reversed(member)]));
}

/** A store that gives back other records than were put. */
function givingBack(inner: TokenStore, change: (record: StoredRecord) => StoredRecord): TokenStore {
  return {
    put: (...args) => inner.put(...args),
    get: async (...args) => {
      const record = await inner.get(...args);
      return record && change(record);
    },
    consume: (...args) => inner.consume(...args),
    remove: (id) => inner.remove(id),
    revoke: (...args) => inner.revoke(...args),
    list: async (...args) => (await inner.list(...args)).map(change),
    listByClient: (...args) => inner.listByClient(...args),
    close: () => inner.close(),
  };
}

/** A store that loses one member of what it gives back, once it is told which. */
function forgetfulStore(inner: TokenStore) {
  const forget: { choose: ((data: unknown) => readonly string[] | undefined) | undefined } = { choose: undefined };
  const store = givingBack(inner, (record) => {
    const path = forget.choose?.(record.data);
    return path ? { ...record, data: without(record.data, path) } : record;
  });
  return { store, forget };
}

describe('token service: a store that gives members back in another order', () => {
  it('is good for every check', async () => {
    const inner = (await PLACES.memory()).open();
    const store = givingBack(inner, (record) => ({ ...record, data: reversed(record.data) }));
    const { tokens, redeem, refresh } = service(store);
    const added = { confirmation: { 'x5t#S256': 'thumbprint', jkt: 'key' }, claims: { one: { a: 1, b: [2] }, two: 2 } };
    const code = await tokens.code.issue(txn, Object.assign({}, AUTHORIZATION, { details: [{ type: 'a', to: 'b' }] }));
    const { tokens: issued } = await redeem(code, added);
    const told = await tokens.verify(issued.access_token);
    assert.deepEqual(told?.confirmation, added.confirmation);
    await refresh(issued.refresh_token, added);
  });
});

describe('token service: a store that drops a member', () => {
  it('makes every check fail closed, whichever member it is', async function () {
    this.timeout(60_000);
    const place = await PLACES.memory();
    const { store, forget } = forgetfulStore(place.open());
    const { tokens, redeem, refresh } = service(store);
    await fc.assert(
      fc.asyncProperty(additions, fc.nat(), async ({ authorized, ...added }, choice) => {
        forget.choose = undefined;
        const code = await tokens.code.issue(txn, Object.assign({}, AUTHORIZATION, authorized));
        const spare = await tokens.code.issue(txn, Object.assign({}, AUTHORIZATION, authorized));
        const { tokens: issued } = await redeem(spare, added);
        forget.choose = (data) => {
          const paths = pathsIn(data);
          return paths[choice % paths.length];
        };
        const refused = /cannot be read/;
        await assert.rejects(redeem(code, added), refused);
        await assert.rejects(refresh(issued.refresh_token, added), refused);
        await assert.rejects(tokens.verify(issued.access_token), refused);
        await assert.rejects(tokens.introspect(issued.access_token), refused);
      }),
      { numRuns: 200 },
    );
  });

  it('is found out where nothing is used but what 0.1.0 knew, too: the key that a token is bound to', async () => {
    const { store, forget } = forgetfulStore((await PLACES.memory()).open());
    const { tokens, redeem } = service(store);
    const code = await tokens.code.issue(txn, AUTHORIZATION);
    const { tokens: issued } = await redeem(code, { confirmation: { 'x5t#S256': 'thumbprint' } });
    for (const path of [['confirmation'], ['confirmation', 'x5t#S256']]) {
      forget.choose = () => path;
      await assert.rejects(tokens.verify(issued.access_token), (error: Error) => {
        assert.match(error.message, /cannot be read/);
        assert.match(String(error.cause), /did not give back what was put.*x5t#S256/, 'the operator sees what is lost');
        return true;
      });
    }
  });
});
