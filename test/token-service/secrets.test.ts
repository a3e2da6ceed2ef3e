/** What codes and tokens look like, and what is kept of them: DESIGN section 6, "at rest". */
import assert from 'node:assert/strict';
import { createDecipheriv, createHash } from 'node:crypto';
import { type AccessTokens, opaque } from 'koauthorize/tokens';
import { random, writeRandom } from '../../lib/secrets/random.js';
import { seal, unseal } from '../../lib/secrets/seal.js';
import { toParams } from '../../lib/syntax/param-map.js';
import { idOf, isOfKind, newAuthorizationID, newSecret } from '../../lib/token-service/secret.js';
import { CLIENT, OTHER } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';
import { API, tokenServer, WORKER } from '../support/token-server.js';
import { recordingStore } from '../support/token-store.js';

const BITS_256 = /^[\w-]{43}$/;

describe('token service: secrets', () => {
  it('RFC 6749 §10.10: 256 random bits each, after three characters of the authorization’s and one of the kind', async () => {
    const { authorize, redeem } = tokenServer();
    const code = await authorize();
    const { access_token, refresh_token } = (await redeem(code).expect(200)).body;
    const secrets = [code, access_token, refresh_token];
    assert.deepEqual(
      secrets.map((secret: string) => secret[3]),
      ['c', 'a', 'r'],
    );
    assert.equal(new Set(secrets.map((secret: string) => secret.slice(0, 3))).size, 1);
    for (const secret of secrets) assert.match(secret.slice(4), BITS_256);
  });

  it('random bits are never the same twice, and use every bit', () => {
    const texts = Array.from({ length: 20_000 }, () => random(32));
    assert.equal(new Set(texts).size, texts.length);
    assert.equal(new Set(texts.map((text) => text.slice(0, 20))).size, texts.length);
    const ones = Array.from({ length: 256 }, () => 0);
    for (const text of texts) {
      const bytes = Buffer.from(text, 'base64url');
      assert.equal(bytes.length, 32);
      for (const bit of ones.keys()) ones[bit] = (ones[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
    }
    // 20,000 throws of a coin: a deviation of 600 is more than 8 sigma
    for (const count of ones) assert.ok(Math.abs(count - 10_000) < 600, `${count}`);
  });

  it('what asks for no number of them gets an error, and the next secret is as random as before', () => {
    const target = Buffer.alloc(8);
    for (const bytes of [Number.NaN, undefined, null, '8', -64, 0, 1.5, 4097, Number.POSITIVE_INFINITY]) {
      const [wrong, error] = [bytes as number, /^TypeError: random\(\) makes 1 to 4096 bytes, not /];
      assert.throws(() => random(wrong), error, `${bytes}`);
      assert.throws(() => writeRandom(target, 0, wrong), error, `${bytes}`);
    }
    const texts = Array.from({ length: 300 }, () => random(32)); // more than are drawn in advance
    assert.equal(new Set(texts).size, texts.length);
    for (const text of texts) assert.match(text, BITS_256);
    assert.equal(Buffer.from(random(4096), 'base64url').length, 4096);
  });

  it('the IDs of authorizations are random too', () => {
    const ids = Array.from({ length: 5000 }, newAuthorizationID);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[\w-]{3}\.[\w-]{21}$/);
  });

  it('the store never gets a code or token in plain text', async () => {
    const { store, calls } = recordingStore();
    const { authorize, redeem, refresh, introspect, revoke, request } = tokenServer({ tokens: { store } });
    const code = await authorize();
    const first = (await redeem(code).expect(200)).body;
    const second = (await refresh(first.refresh_token).expect(200)).body;
    await refresh(first.refresh_token).expect(200);
    const own = (await request({ grant_type: 'client_credentials' }, WORKER).expect(200)).body;
    await introspect(second.access_token);
    await revoke(second.refresh_token);
    const tokens = [first, second, own].flatMap((body) => [body.access_token, body.refresh_token ?? code]);
    const secrets = [code, ...tokens];
    const text = JSON.stringify(calls);
    assert.ok(calls.length > 8);
    for (const secret of secrets) {
      for (const form of [secret, secret.slice(4), Buffer.from(secret).toString('base64url')])
        assert.ok(!text.includes(form), form);
      assert.ok(text.includes(createHash('sha256').update(secret).digest('base64url')), 'SHA-256 only');
    }
  });

  it('nothing of an answer can be read from what the first use left', () => {
    const sealed = seal({ refresh_token: 'the next' }, 'a token');
    assert.deepEqual(unseal(sealed, 'a token'), { refresh_token: 'the next' });
    assert.ok(!Buffer.from(sealed, 'base64url').toString('latin1').includes('the next'));
    assert.notEqual(seal({}, 'a token'), seal({}, 'a token'));
  });

  it('what the store has, the SHA-256 of a token, is no key to what was sealed with it', () => {
    const open = (key: Buffer): string => {
      const bytes = Buffer.from(seal({ refresh_token: 'the next' }, 'a token'), 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(12, 28));
      return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8');
    };
    const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
    assert.equal(open(sha256('seal:a token')), '{"refresh_token":"the next"}');
    for (const key of [sha256('a token'), sha256('jti:a token'), sha256(sha256('a token').toString('base64url'))])
      assert.throws(() => open(key));
  });

  describe('a seal opens only for its own token, as it was left', () => {
    const sealed = Buffer.from(seal({ refresh_token: 'the next' }, 'a token'), 'base64url');
    const changed = (at: number) => {
      const bytes = Buffer.from(sealed);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      return bytes;
    };
    const hash = createHash('sha256').update('a token').digest('base64url');
    const rows: readonly [what: string, bytes: Buffer, token: string][] = [
      ['another token', sealed, 'another token'],
      ['what the store has: the hash', sealed, hash],
      ['another nonce', changed(0), 'a token'],
      ['another tag', changed(12), 'a token'],
      ['another text', changed(sealed.length - 1), 'a token'],
      ['a text cut short', sealed.subarray(0, -1), 'a token'],
      ['a tag cut short', sealed.subarray(0, 12 + 4), 'a token'],
      ['nothing', Buffer.alloc(0), 'a token'],
    ];
    for (const [what, bytes, token] of rows) {
      it(what, () => assert.throws(() => unseal(bytes.toString('base64url'), token)));
    }
  });

  it('authorizations that share a tag, as some of 2^18 do, share nothing else', async () => {
    const { tokens, isActive, revoke } = tokenServer();
    const byTag = new Map<string, string>();
    let twins: readonly [string, string] | undefined;
    while (!twins) {
      const request = { client: CLIENT, grantType: '', params: toParams(new Map()), body: {} };
      const { access_token: token } = await tokens.clientCredentials.issue(request);
      const other = byTag.get(token.slice(0, 3));
      if (other) twins = [other, token];
      byTag.set(token.slice(0, 3), token);
    }
    const [one, other] = twins;
    await revoke(one).expect(200);
    assert.deepEqual([await isActive(one), await isActive(other)], [false, true]);
  });

  it('families that share a tag do not end together', async () => {
    const { tokens, isActive } = tokenServer({
      clients: [CLIENT],
      tokens: { authenticate: (id) => ({ id, name: '' }) },
    });
    const user = { id: 'alice', name: '' };
    const tags = new Map<string, string>();
    const request = { client: CLIENT, grantType: '', params: toParams(new Map()), body: {} };
    for (;;) {
      const issued = await tokens.password.issue({ username: 'alice', password: '' }, request);
      const token = issued?.access_token ?? '';
      const other = tags.get(token.slice(0, 3));
      tags.set(token.slice(0, 3), token);
      if (!other) continue;
      const { authorizationID = '' } = (await tokens.verify(other)) ?? {};
      assert.equal(await tokens.revokeAuthorization(user, authorizationID), true);
      assert.deepEqual([await isActive(other), await isActive(token)], [false, true]);
      return;
    }
  });
});

describe('token service: one kind of token is never accepted as another', () => {
  const forms: readonly [what: string, change: (secret: string) => string][] = [
    [
      'with a letter of another kind',
      (secret) => secret.slice(0, 3) + (secret[3] === 'a' ? 'r' : 'a') + secret.slice(4),
    ],
    ['with something after it', (secret) => `${secret}A`],
    ['with a line break after it', (secret) => `${secret}\n`],
    ['with a space before it', (secret) => ` ${secret}`],
    ['cut short', (secret) => secret.slice(0, -1)],
    ['with another tag', (secret) => (secret.startsWith('AAA') ? 'BBB' : 'AAA') + secret.slice(3)],
    ['in capitals', (secret) => secret.toUpperCase()],
  ];

  it('a code, an access token and a refresh token in the place of each other', async () => {
    const { authorize, redeem, refresh, isActive, tokens } = tokenServer();
    const unused = await authorize();
    const { access_token, refresh_token } = (await redeem(await authorize()).expect(200)).body;
    for (const token of [access_token, refresh_token]) assertErrorHere(await redeem(token), 400, 'invalid_grant');
    for (const token of [access_token, unused]) assertErrorHere(await refresh(token), 400, 'invalid_grant');
    for (const token of [unused, refresh_token]) assert.equal(await tokens.verify(token), undefined);
    assert.equal(await isActive(unused), false);
    await redeem(unused).expect(200); // none of this spent it
    await refresh(refresh_token).expect(200);
  });

  it('what is stored, presented as a token', async () => {
    const { store, calls } = recordingStore();
    const { connect, refresh, redeem, isActive, tokens } = tokenServer({ tokens: { store } });
    await connect();
    const stored = calls.flatMap(({ method, args: [first, second] }) =>
      method === 'put' ? (first as { id: string }[]) : ((second as { next?: { id: string }[] }).next ?? []),
    );
    assert.equal(stored.length, 4); // code, access token, refresh token and its family
    for (const { id } of stored) {
      for (const token of [id, id.slice(4), `${id.slice(0, 3)}a${id.slice(4)}`, `${id.slice(0, 3)}r${id.slice(4)}`]) {
        assert.equal(await tokens.verify(token), undefined);
        assert.equal(await isActive(token), false);
        assertErrorHere(await refresh(token), 400, 'invalid_grant');
        assertErrorHere(await redeem(token), 400, 'invalid_grant');
      }
    }
  });

  for (const [what, change] of forms) {
    it(`a token ${what}`, async () => {
      const { connect, refresh, tokens, isActive } = tokenServer();
      const { access_token, refresh_token } = await connect();
      for (const token of [change(access_token), change(refresh_token)]) {
        assert.equal(await tokens.verify(token), undefined);
        assert.equal(await isActive(token), false);
      }
      assertErrorHere(await refresh(change(refresh_token)), 400, 'invalid_grant');
      assert.equal(await isActive(refresh_token), true);
    });
  }

  it('what cannot be a credential is never asked of the store', async () => {
    const { store, calls } = recordingStore();
    const { refresh, redeem, introspect, revoke, tokens } = tokenServer({ tokens: { store } });
    const strange = ['x', '../../etc/passwd', 'a'.repeat(5000), '\u0000', '{abc}r', '__proto__', 'ключ', 'AAAa%00'];
    for (const token of strange) {
      assertErrorHere(await refresh(token), 400, 'invalid_grant');
      assertErrorHere(await redeem(token), 400, 'invalid_grant');
      assert.deepEqual((await introspect(token, API)).body, { active: false });
      await revoke(token, OTHER).expect(200);
      assert.equal(await tokens.verify(token), undefined);
    }
    assert.deepEqual(calls, []);
  });

  it('not even where the application says what access tokens look like', async () => {
    const accessTokens: AccessTokens = { ...opaque(), idOf: (token) => idOf(token) };
    const { authorize, connect, redeem, introspect, revoke, tokens } = tokenServer({ tokens: { accessTokens } });
    const { access_token, refresh_token } = await connect();
    assert.equal((await tokens.verify(access_token))?.clientID, 'client');
    const code = await authorize();
    for (const token of [code, refresh_token]) assert.equal(await tokens.verify(token), undefined);
    assert.deepEqual((await introspect(code)).body, { active: false });
    await revoke(code).expect(200);
    await redeem(code).expect(200);
  });

  it('a kind is in the form of what was made', () => {
    const id = newAuthorizationID();
    const kinds = ['code', 'access_token', 'refresh_token'] as const;
    for (const kind of kinds) {
      const secret = newSecret(kind, id);
      assert.deepEqual(
        kinds.filter((one) => isOfKind(one, secret)),
        [kind],
      );
    }
  });
});
