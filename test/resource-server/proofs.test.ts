/** Proofs of possession, as a third party writes one: with public names alone. */
import assert from 'node:assert/strict';
import { createHmac, hash } from 'node:crypto';
import type { Middleware } from 'koa';
import { type Confirmation, OAuth2Error } from 'koauthorize';
import {
  type AccessToken,
  admissionOf,
  bearer,
  certificateProof,
  headerCertificate,
  type Proof,
  requireAuthentication,
  requireScope,
} from 'koauthorize/resource-server';
import request, { type Response } from 'supertest';
import { thumbprintOf } from '../../lib/certificate/certificate.js';
import { type Identity, selfSigned } from '../support/certificates.js';
import { assertNoStore } from '../support/form.js';
import { type APISetup, api, assertBare, assertRefused, GOOD } from './api.js';

declare module 'koauthorize' {
  interface Confirmation {
    /** The SHA-256 of a key, in base64url. */
    readonly 'key#S256'?: string;
  }
}

const KEY = 'a key of the client';
const hashOf = (key: string): string => hash('sha256', key, 'base64url');
const proofOf = (token: string, key = KEY): string =>
  `${Buffer.from(key).toString('base64url')}.${createHmac('sha256', key).update(token).digest('base64url')}`;

/** A made-up specification: `Authorization: Key <token>`, and the header `Key-Proof` with the key and an HMAC of the token by it. */
const keyProof: Proof = {
  scheme: 'Key',
  member: 'key#S256',
  prove(ctx, token, expected) {
    const sent = ctx.get('Key-Proof');
    if (sent === '')
      throw new OAuth2Error('A proof is needed', 'use_key_proof', undefined, 401, {
        headers: { 'Key-Nonce': 'fresh' },
        members: { nonce: 'fresh' },
      });
    const key = Buffer.from(sent.split('.')[0] ?? '', 'base64url').toString();
    return hashOf(key) === expected && sent === proofOf(token, key);
  },
  challenge: () => ({ algs: 'HS256' }),
};
const byHeader = certificateProof({ certificate: headerCertificate({ name: 'X-Certificate' }) });

describe('bearer({ proofs })', () => {
  let own: Identity;
  let certificateBound: Confirmation;
  const keyBound: Confirmation = { 'key#S256': hashOf(KEY) };
  before(async () => {
    own = await selfSigned();
    certificateBound = { 'x5t#S256': thumbprintOf(own.certificate) };
  });

  const proving = (confirmation: AccessToken['confirmation'], more: APISetup = {}) =>
    api({ proofs: [byHeader, keyProof], tokens: { good: { ...GOOD, confirmation } }, ...more });

  interface Request {
    readonly scheme?: string;
    readonly proof?: string;
    readonly certificate?: string;
  }
  /** Asks with the right certificate and the right proof, if nothing else is said. */
  const ask = (
    { ask }: ReturnType<typeof api>,
    { scheme = 'Key', proof = proofOf('good'), certificate = own.x5c }: Request = {},
  ) => {
    const test = ask(`${scheme} good`);
    if (proof) test.set('Key-Proof', proof);
    return certificate ? test.set('X-Certificate', certificate) : test;
  };

  /** The challenge of each scheme, by its name. */
  const challengesOf = (response: Response): Record<string, string> => {
    const header = response.headers['www-authenticate'] ?? '';
    const each = header.split(/, (?=(?:Bearer|Key) )/);
    const named = each.map((challenge: string) => challenge.split(/ (.*)/, 2));
    assert.equal(new Set(named.map(([name]: string[]) => name)).size, each.length, `a scheme twice: ${header}`);
    return Object.fromEntries(named);
  };
  const INVALID = 'error="invalid_token", error_description="The access token is not valid here"';
  const assertInvalid = (response: Response, scheme: string): void => {
    assert.equal(response.status, 401, response.text);
    assertNoStore(response);
    assert.equal(response.body.error, 'invalid_token');
    assert.deepEqual(challengesOf(response), {
      Bearer: `realm="API"${scheme === 'Bearer' ? `, ${INVALID}` : ''}`,
      Key: `realm="API", algs="HS256"${scheme === 'Key' ? `, ${INVALID}` : ''}`,
    });
  };

  describe('a token that is bound to a key', () => {
    for (const scheme of ['Key', 'key', 'KEY']) {
      it(`gets in with its proof, under the scheme of the proof: ${scheme}`, async () => {
        const made = proving(keyBound);
        await ask(made, { scheme, certificate: '' }).expect(200);
        assert.deepEqual(made.seen, [{ token: { ...GOOD, confirmation: keyBound } }]);
      });
    }

    it('does not get in with another key, nor with the proof of another token', async () => {
      const made = proving(keyBound);
      assertInvalid(await ask(made, { proof: proofOf('good', 'another key') }), 'Key');
      assertInvalid(await ask(made, { proof: proofOf('another token') }), 'Key');
      assert.deepEqual([made.seen, made.errors], [[], []]);
    });

    it('RFC 9449 §7.2: is refused under the Bearer scheme, whatever proof comes with it', async () => {
      const made = proving(keyBound);
      assertInvalid(await ask(made, { scheme: 'Bearer' }), 'Bearer');
      assert.deepEqual(made.seen, []);
    });

    it('never gets in from a form or the URL, which belong to Bearer', async () => {
      const made = proving(keyBound, { allowTokenInForm: true, allowTokenInQuery: true });
      const post = request(made.app.callback()).post('/').type('form').set('Key-Proof', proofOf('good'));
      assertInvalid(await post.send('access_token=good'), 'Bearer');
      assertInvalid(await made.ask(undefined, '/?access_token=good').set('Key-Proof', proofOf('good')), 'Bearer');
      assert.deepEqual(made.seen, []);
    });

    it('the refusal of a proof is told in the challenge of its scheme, with its headers and members', async () => {
      const made = proving(keyBound);
      const response = await ask(made, { proof: '' }).expect(401);
      assert.deepEqual(response.body, {
        error: 'use_key_proof',
        error_description: 'A proof is needed',
        nonce: 'fresh',
      });
      assert.equal(response.headers['key-nonce'], 'fresh');
      assert.deepEqual(challengesOf(response), {
        Bearer: 'realm="API"',
        Key: 'realm="API", algs="HS256", error="use_key_proof", error_description="A proof is needed"',
      });
      assert.deepEqual([made.seen, made.errors], [[], []]);
    });
  });

  it('a token that is bound to a certificate never gets in under the scheme of another proof', async () => {
    const made = proving(certificateBound);
    await ask(made, { scheme: 'Bearer', proof: '' }).expect(200);
    assertInvalid(await ask(made), 'Key');
    assert.equal(made.seen.length, 1);
  });

  it('a token that is not bound is refused under the scheme of a proof', async () => {
    const made = proving(undefined);
    await ask(made, { scheme: 'Bearer' }).expect(200);
    assertInvalid(await ask(made), 'Key');
    assert.equal(made.seen.length, 1);
  });

  it('a token that is bound to two keys needs both proofs', async () => {
    const made = proving({ ...certificateBound, ...keyBound });
    await ask(made).expect(200);
    assertInvalid(await ask(made, { certificate: '' }), 'Key');
    assertInvalid(await ask(made, { certificate: (await selfSigned()).x5c }), 'Key');
    assertInvalid(await ask(made, { proof: proofOf('good', 'another key') }), 'Key');
    assertInvalid(await ask(made, { scheme: 'Bearer' }), 'Bearer');
    assert.equal(made.seen.length, 1);
  });

  it('two proofs of two schemes, neither of them Bearer, can never be given by one request', async () => {
    const other: Proof = { scheme: 'Other', member: 'other', prove: () => true };
    const confirmation = { ...keyBound, other: 'x' };
    const made = proving(confirmation, { proofs: [keyProof, other] });
    for (const scheme of ['Key', 'Other', 'Bearer']) await ask(made, { scheme }).expect(401);
    assert.deepEqual(made.seen, []);
  });

  describe('a token with a binding that cannot be checked is refused', () => {
    const bindings: readonly [what: string, confirmation: () => unknown][] = [
      ['a member that no proof is for', () => ({ later: 'x' })],
      ['such a member besides', () => ({ ...keyBound, later: 'x' })],
      ['no member', () => ({})],
      ['null', () => null],
      ['a list', () => [keyBound]],
      ['text', () => hashOf(KEY)],
      ['true', () => true],
      ['a member that is empty', () => ({ 'key#S256': '' })],
      ['a member that is a list', () => ({ 'key#S256': [hashOf(KEY)] })],
      ['a member without a value', () => ({ ...keyBound, 'x5t#S256': undefined })],
      ['a member of its prototype', () => Object.create(keyBound)],
      ['a member named as one of Object’s', () => ({ constructor: 'x' })],
    ];
    for (const [what, confirmation] of bindings) {
      it(what, async () => {
        const made = proving(confirmation() as never);
        for (const scheme of ['Key', 'Bearer']) assertInvalid(await ask(made, { scheme }), scheme);
        assert.deepEqual([made.seen, made.errors], [[], []]);
      });
    }

    it('by default, one of another specification', async () => {
      const { ask, seen } = api({ tokens: { good: { ...GOOD, confirmation: keyBound } } });
      assertRefused(await ask('Bearer good').set('Key-Proof', proofOf('good')), {
        status: 401,
        error: 'invalid_token',
      });
      assert.deepEqual(seen, []);
    });

    it('without proofs, any', async () => {
      for (const confirmation of [certificateBound, keyBound]) {
        const made = proving(confirmation, { proofs: [] });
        assertRefused(await ask(made, { scheme: 'Bearer' }), { status: 401, error: 'invalid_token' });
        assert.deepEqual(made.seen, []);
      }
    });
  });

  for (const answer of ['yes', 1, {}, undefined]) {
    it(`a proof says exactly true, and not ${JSON.stringify(answer)}`, async () => {
      const made = proving(keyBound, { proofs: [{ ...keyProof, prove: () => answer as never }] });
      await ask(made).expect(401);
      assert.deepEqual(made.seen, []);
    });
  }

  it('what else a proof throws goes on to the application, and nobody gets in', async () => {
    for (const error of [new Error('of the store'), new OAuth2Error('of the store')]) {
      const made = proving(keyBound, { proofs: [{ ...keyProof, prove: () => Promise.reject(error) }] });
      await ask(made).expect(500);
      assert.match(String(made.errors[0]), /of the store/);
      assert.deepEqual(made.seen, []);
    }
  });

  it('a token for another API is refused before its proof is asked for', async () => {
    const prove = () => assert.fail('a proof was asked for');
    const made = proving(keyBound, { audience: 'https://api.example', proofs: [{ ...keyProof, prove }] });
    await ask(made).expect(401);
  });

  describe('the challenge', () => {
    it('names every scheme once, with what its proofs add, and no error where there is no token', async () => {
      const more: Proof = { ...keyProof, scheme: 'KEY', member: 'more', challenge: () => ({ nonce: 'fresh' }) };
      const { ask } = api({ proofs: [keyProof, byHeader, more], realm: 'Notes', scope: ['read'] });
      const response = await ask().expect(401);
      assert.deepEqual(response.body, {});
      assert.deepEqual(challengesOf(response), {
        Bearer: 'realm="Notes", scope="read"',
        Key: 'realm="Notes", scope="read", algs="HS256", nonce="fresh"',
      });
    });

    it('leads to the metadata in every scheme', async () => {
      const resource = { metadataURL: 'https://api.example/metadata' };
      const { ask } = api({ proofs: [keyProof], resource });
      assert.deepEqual(challengesOf(await ask()), {
        Bearer: `realm="API", resource_metadata="${resource.metadataURL}"`,
        Key: `realm="API", algs="HS256", resource_metadata="${resource.metadataURL}"`,
      });
    });

    it('tells a malformed token in the scheme that it came with', async () => {
      const { ask } = api({ proofs: [keyProof] });
      for (const header of ['Key', 'Key two words', 'key "good"', 'Key,good']) assertInvalid(await ask(header), 'Key');
    });

    it('of a scheme that no proof has: it is not a token of this API', async () => {
      const { ask } = api();
      assertBare(await ask('Key good'));
    });

    it('tells what a guard behind bearer says in the scheme that was used', async () => {
      const acr = requireAuthentication({ acr: 'mfa' });
      for (const [guard, status, told] of [
        [requireScope('admin'), 403, 'scope="admin", algs="HS256", error="insufficient_scope"'],
        [acr, 401, 'algs="HS256", acr_values="mfa", error="insufficient_user_authentication"'],
      ] as const) {
        const response = await ask(proving(keyBound, { after: [guard] })).expect(status);
        const { Bearer, Key = '' } = challengesOf(response);
        assert.equal(Bearer, 'realm="API"');
        assert.ok(Key.startsWith(`realm="API", ${told}`), Key);
      }
    });

    it('that says what the API itself says is the application’s mistake', async () => {
      const made = api({ proofs: [{ ...keyProof, challenge: () => ({ realm: 'another' }) }] });
      await made.ask().expect(500);
      assert.match(String(made.errors[0]), /"key#S256".*would replace "realm"/);
    });
  });

  it('a guard of a third party refuses in the same way', async () => {
    const requireUser: Middleware = async (ctx, next) => {
      const { token, refuse } = admissionOf(ctx, 'requireUser');
      if (token.subject !== undefined) return next();
      refuse(new OAuth2Error('Only for users', 'insufficient_scope', undefined, 403), { scope: 'user' });
    };
    await ask(proving(keyBound, { after: [requireUser] })).expect(200);
    const tokens = { good: { scope: [], confirmation: keyBound } };
    const response = await ask(proving(keyBound, { tokens, after: [requireUser] })).expect(403);
    assert.deepEqual(response.body, { error: 'insufficient_scope', error_description: 'Only for users' });
    assert.match(challengesOf(response)['Key'] ?? '', /scope="user", algs="HS256", error="insufficient_scope"/);
  });

  describe('at start', () => {
    const wrong: readonly [what: string, proofs: readonly Proof[], message: RegExp][] = [
      [
        'two proofs for one member',
        [keyProof, { ...keyProof, scheme: 'Other' }],
        /two proofs for the member "key#S256"/,
      ],
      ['a proof without a member', [{ ...keyProof, member: '' }], /needs a member/],
      ['a proof without a scheme', [{ ...keyProof, scheme: '' }], /needs a scheme/],
      ['a proof of plain JavaScript without a scheme', [{ ...keyProof, scheme: undefined as never }], /needs a scheme/],
      ['a proof without a function', [{ ...keyProof, prove: undefined as never }], /needs a function prove/],
      ['a scheme that no header can have', [{ ...keyProof, scheme: 'Key Proof' }], /needs a scheme/],
    ];
    for (const [what, proofs, message] of wrong) {
      it(`throws for ${what}`, () => {
        assert.throws(() => bearer({ verify: () => null, proofs }), message);
      });
    }
  });
});
