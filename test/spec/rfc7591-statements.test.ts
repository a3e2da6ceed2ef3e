/** RFC 7591 §2.3: software statements, over HTTP. */
import assert from 'node:assert/strict';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import type { SoftwareStatements } from 'koauthorize';
import { ISSUER } from '../support/authorization-server.js';
import { registrationServer, WEB } from '../support/registration-server.js';

const VOUCHING = 'https://directory.example';
const OTHER = 'https://other.example';
const START = 1_767_225_600;
const INVALID = 'invalid_software_statement';
const UNAPPROVED = 'unapproved_software_statement';

type Key = Awaited<ReturnType<typeof generateKeyPair>>;

describe('RFC 7591 §2.3 software statements', () => {
  let key: Key;
  let otherKey: Key;
  let issuers: SoftwareStatements['issuers'];
  before(async () => {
    key = await generateKeyPair('ES256', { extractable: true });
    otherKey = await generateKeyPair('ES256', { extractable: true });
    const jwks = async ({ publicKey }: Key) => ({ keys: [await exportJWK(publicKey)] });
    issuers = { [VOUCHING]: { jwks: await jwks(key) }, [OTHER]: { jwks: await jwks(otherKey), algorithms: ['RS256'] } };
  });

  const sign = (claims: JWTPayload = {}, header: object = {}, by = key) =>
    new SignJWT({ iss: VOUCHING, ...claims }).setProtectedHeader({ alg: 'ES256', ...header }).sign(by.privateKey);
  const vouched = (more: Partial<SoftwareStatements> = {}, registration: object = {}) =>
    registrationServer({
      registration: { softwareStatements: { issuers, required: true, ...more }, ...registration },
    });

  it('what the statement says replaces what the client says, and the statement is told as it was sent', async () => {
    const { registered } = vouched();
    const software_statement = await sign({ ...WEB, client_name: 'Vouched', software_id: 'abc' });
    const sent = {
      redirect_uris: ['https://evil.example/'],
      client_name: 'Bank',
      client_uri: 'https://client.example/',
    };
    const told = await registered({ ...sent, software_statement });
    assert.deepEqual(
      [told['redirect_uris'], told['client_name'], told['software_id'], told['client_uri'], told['software_statement']],
      [WEB.redirect_uris, 'Vouched', 'abc', 'https://client.example/', software_statement],
    );
    for (const name of ['iss', 'iat', 'exp']) assert.equal(Object.hasOwn(told, name), false);
  });

  it('what the statement says is not said otherwise in another language', async () => {
    const { registered } = vouched();
    const software_statement = await sign({ ...WEB, client_name: 'Vouched', 'client_name#fr': 'Garanti' });
    const sent = { 'client_name#de': 'Bank', 'client_name#fr': 'Banque', 'tos_uri#de': 'https://client.example/de' };
    const told = await registered({ ...sent, software_statement });
    assert.deepEqual(
      ['client_name', 'client_name#de', 'client_name#fr', 'tos_uri#de'].map((name) => told[name]),
      ['Vouched', undefined, 'Garanti', 'https://client.example/de'],
    );
  });

  it('where it is required, it is enough to register, and without it nobody does', async () => {
    const { register } = vouched();
    await register({ ...WEB, software_statement: await sign() }).expect(201);
    for (const software_statement of [undefined, null])
      assert.equal((await register({ ...WEB, software_statement }).expect(400)).body.error, INVALID);
  });

  it('where it is not required, an initial access token is needed beside it', async () => {
    const { register } = vouched({ required: false }, { initialAccess: (token: string) => token === 'x' });
    await register({ ...WEB, software_statement: await sign() }).expect(401);
    await register({ ...WEB, software_statement: await sign() }, 'x').expect(201);
    await register(WEB, 'x').expect(201);
    assert.throws(() => vouched({ required: false }), /who may register/);
  });

  it('a server that takes none ignores it', async () => {
    const { registered } = registrationServer();
    const told = await registered({ ...WEB, software_statement: await sign({ client_name: 'Vouched' }) });
    assert.deepEqual([told['software_statement'], told['client_name']], [undefined, undefined]);
  });

  it('§3.2.2 an issuer that is not trusted, and one that is missing, are not approved', async () => {
    const { register } = vouched();
    for (const iss of ['https://evil.example', `${VOUCHING}/`, undefined, '']) {
      const claims = { iss } as JWTPayload;
      const { body } = await register({ ...WEB, software_statement: await sign(claims) }).expect(400);
      assert.equal(body.error, UNAPPROVED, String(iss));
    }
  });

  it('§3.2.2 a statement that is malformed, unsigned, signed by another key or algorithm, or of another type is refused', async () => {
    const { register } = vouched();
    const whole = await sign({ ...WEB });
    const [head, , signature] = whole.split('.');
    const forged = Buffer.from(JSON.stringify({ iss: VOUCHING, ...WEB, client_name: 'Forged' })).toString('base64url');
    const secret = new TextEncoder().encode('x'.repeat(32));
    const rows: Record<string, unknown> = {
      'no text': 5,
      'an object': {},
      'an empty text': '',
      words: 'not a jwt',
      unsigned: new UnsecuredJWT({ iss: VOUCHING, ...WEB }).encode(),
      'the key of another issuer': await sign({}, {}, otherKey),
      'other claims': `${head}.${forged}.${signature}`,
      'a symmetric key': await new SignJWT({ iss: VOUCHING }).setProtectedHeader({ alg: 'HS256' }).sign(secret),
      'an algorithm that this issuer does not use': await sign({ iss: OTHER }, {}, otherKey),
      'the typ of an access token': await sign({}, { typ: 'at+jwt' }),
      'the typ of a DPoP proof': await sign({}, { typ: 'dpop+jwt' }),
      'a typ that is no text': await sign({}, { typ: 7 }),
      'a key that its issuer has not': await sign({}, { kid: 'unknown' }),
      'claims within claims': await sign({ deep: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) }),
      'an unknown crit': await sign({}, { crit: ['b64'], b64: true }),
      expired: await sign({ exp: START - 60 }),
      'to come': await sign({ nbf: START + 60 }),
      'from the future': await sign({ iat: START + 60 }),
      'a time that is not a number': await sign({ exp: 'later' as never }),
      'a time in a text': await sign({ exp: `${START + 60}` as never }),
      'a time in a list': await sign({ exp: [START + 60] as never }),
      'a time that is an object': await sign({ nbf: { valueOf: 1, toString: 1 } as never }),
      'no time': await sign({ iat: null as never }),
      'for somebody else': await sign({ aud: 'https://other-as.example' }),
      'too long': await sign({ client_name: 'x'.repeat(17_000) }),
    };
    for (const [what, software_statement] of Object.entries(rows)) {
      const { body } = await register({ ...WEB, software_statement }).expect(400);
      assert.equal(body.error, INVALID, what);
      assert.equal(body.error_description, 'The software statement is not valid', what);
    }
  });

  it('RFC 7519 §4.1.4, §4.1.5 its times count within what the clocks of two machines may differ by, and no further', async () => {
    const { register } = vouched();
    for (const claims of [{ exp: START - 29 }, { nbf: START + 30 }, { iat: START + 30 }])
      await register({ ...WEB, software_statement: await sign(claims) }).expect(201);
    for (const claims of [{ exp: START - 30 }, { nbf: START + 31 }, { iat: START + 31 }])
      await register({ ...WEB, software_statement: await sign(claims) }).expect(400);
  });

  it('review is told who has vouched for a client, and nothing where nobody has', async () => {
    const seen: unknown[] = [];
    const { register } = vouched(
      { required: false },
      {
        allowAnyone: true,
        review(metadata: object, { statementIssuer }: { statementIssuer?: string }) {
          seen.push(statementIssuer);
          return metadata;
        },
      },
    );
    for (const software_statement of [await sign(), undefined, null])
      await register({ ...WEB, software_statement }).expect(201);
    assert.deepEqual(seen, [VOUCHING, undefined, undefined]);
  });

  it('for this server, by its issuer or by the URL of the endpoint, and for several', async () => {
    const { register } = vouched();
    for (const aud of [ISSUER, `${ISSUER}/register`, ['https://other-as.example', ISSUER]])
      await register({ ...WEB, software_statement: await sign({ aud, exp: START + 60, iat: START }) }).expect(201);
  });

  it('approve must give exactly true, and sees what is verified', async () => {
    let given: unknown = true;
    const seen: unknown[] = [];
    const { register } = vouched({
      approve(statement) {
        seen.push(statement);
        return given as boolean;
      },
    });
    const software_statement = await sign({ software_id: 'abc' });
    await register({ ...WEB, software_statement }).expect(201);
    assert.deepEqual(seen, [{ issuer: VOUCHING, claims: { iss: VOUCHING, software_id: 'abc' } }]);
    for (given of [false, undefined, 'yes', {}])
      assert.equal((await register({ ...WEB, software_statement }).expect(400)).body.error, UNAPPROVED);
  });

  it('a statement cannot set what only the server sets, and is judged as everything else', async () => {
    const { registered, register, clients } = vouched({}, { keepUnknownMembers: true });
    const times = { exp: START + 60, iat: START, jti: 'one', sub: 'somebody', aud: ISSUER };
    const claims = { ...WEB, ...times, client_id: 'chosen', client_secret_hash: 'chosen', registration_version: 7 };
    const told = await registered({
      software_statement: await sign({ ...claims, token_endpoint_auth_method: 'none' }),
    });
    const kept = (await clients.find(told.client_id)) || undefined;
    assert.notEqual(told.client_id, 'chosen');
    assert.deepEqual([kept?.client_secret_hash, kept?.registration_version], [undefined, 0]);
    for (const name of ['iss', ...Object.keys(times)]) assert.equal(Object.hasOwn(told, name), false, name);
    const wrong = await sign({ redirect_uris: ['http://client.example/'] });
    assert.equal((await register({ software_statement: wrong }).expect(400)).body.error, 'invalid_redirect_uri');
  });

  it('a client cannot remove metadata of its software statement by a change without the statement', async () => {
    const { registered, manage } = vouched({ required: false }, { allowAnyone: true });
    const software_statement = await sign({ ...WEB, client_name: 'Vouched' });
    const told = await registered({ software_statement });
    const change = { client_id: told.client_id, redirect_uris: ['https://evil.example/'], client_name: 'Bank' };
    assert.equal((await manage('put', told, change).expect(400)).body.error, INVALID);
    const { body } = await manage('put', told, { ...change, software_statement }).expect(200);
    assert.deepEqual([body.redirect_uris, body.client_name], [WEB.redirect_uris, 'Vouched']);
  });

  describe('a registration with a software statement is changed only with a statement for the same software', () => {
    const changing = () => {
      const made = vouched(
        { issuers: { ...issuers, [OTHER]: { ...issuers[OTHER], algorithms: ['ES256'] } }, required: false },
        { allowAnyone: true },
      );
      /** What is told of a client that changes its registration from one statement to another. */
      const change = async (from: string | undefined, to: string) => {
        const told = await made.registered({ ...WEB, software_statement: from });
        return made.manage('put', told, { ...WEB, client_id: told.client_id, software_statement: to });
      };
      return { ...made, change };
    };
    const notes = { ...WEB, client_name: 'Notes', software_id: 'notes' };
    const evil = { ...WEB, client_name: 'Evil', redirect_uris: ['https://evil.example/callback'] };

    it('refused: of another issuer, of other software, and one that does not say of which', async () => {
      const { change } = changing();
      for (const [what, from, to] of [
        ['another issuer', await sign(notes), await sign({ ...evil, iss: OTHER, software_id: 'notes' }, {}, otherKey)],
        ['other software', await sign(notes), await sign({ ...evil, software_id: 'evil' })],
        ['no software_id', await sign(notes), await sign(evil)],
        ['no software_id before', await sign({ ...WEB }), await sign(notes)],
        ['neither has one', await sign({ ...WEB }), await sign(evil)],
        [
          'a software_id that is no text',
          await sign({ ...WEB, software_id: null }),
          await sign({ ...evil, software_id: null }),
        ],
      ] as const) {
        const { status, body } = await change(from, to);
        assert.deepEqual([status, body.error], [400, UNAPPROVED], what);
      }
    });

    it('taken: the same statement, a later one for the same software, and a first one', async () => {
      const { change } = changing();
      const bare = await sign({ ...WEB });
      for (const [from, to] of [
        [bare, bare],
        [await sign(notes), await sign({ ...notes, iat: START, client_name: 'Notes 2' })],
        [undefined, await sign(notes)],
      ] as const)
        assert.equal((await change(from, to).then(({ body }) => body)).software_statement, to);
    });
  });

  it('keys of an issuer that are fetched: 503 if the fetch fails, and private addresses are not reached', async () => {
    const software_statement = await sign();
    const jwksURI = 'https://directory.example/jwks';
    let answer: () => Promise<Response> = async () => new Response(JSON.stringify(issuers[VOUCHING]?.jwks));
    const fetched = vouched({ issuers: { [VOUCHING]: { jwksURI } }, fetch: () => answer() });
    await fetched.register({ ...WEB, software_statement }).expect(201);
    answer = async () => new Response('', { status: 500 });
    const failing = vouched({ issuers: { [VOUCHING]: { jwksURI } }, fetch: () => answer() });
    const { body } = await failing.register({ ...WEB, software_statement }).expect(503);
    assert.equal(body.error, 'temporarily_unavailable');
    const inner = vouched({ issuers: { [VOUCHING]: { jwksURI: 'https://127.0.0.1:1/jwks' } } });
    await inner.register({ ...WEB, software_statement }).expect(503);
    const said = inner.errors.map(
      ({ cause, message }) => `${message} ${cause instanceof Error ? (cause.cause ?? cause) : ''}`,
    );
    assert.match(said.join('\n'), /not an address of the internet/);
  });

  it('issuers that cannot be meant throw at start', () => {
    for (const wrong of [
      {},
      { [VOUCHING]: {} },
      { [VOUCHING]: { jwksURI: 'http://directory.example/' } },
      { [VOUCHING]: { jwks: { keys: [] } } },
    ])
      assert.throws(() => vouched({ issuers: wrong }), TypeError);
    assert.throws(
      () => vouched({ issuers: { [VOUCHING]: { ...issuers[VOUCHING], algorithms: ['none' as never] } } }),
      TypeError,
    );
    assert.throws(() => vouched({ approves: () => true } as never), /no option approves/);
    assert.throws(
      () => vouched({ issuers: { [VOUCHING]: { ...issuers[VOUCHING], maxLifetime: 5 } as never } }),
      TypeError,
    );
  });
});
