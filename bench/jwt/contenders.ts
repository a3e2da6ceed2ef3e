/** One signature, or one JWT, in several ways. */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { signJWT } from 'koauthorize/extending';
import { jwtVerifier } from 'koauthorize/resource-server';
import { generateSigningKey, keySet } from 'koauthorize/tokens';

export const ALGORITHMS = ['ES256', 'EdDSA', 'RS256', 'PS256'] as const;

/** One way. */
export interface Contender {
  readonly name: string;
  run(): unknown;
}

const ISSUER = 'https://as.example';
const AUDIENCE = 'https://api.example';

const OPTIONS: ReadonlyMap<string, object> = new Map([
  ['ES256', { dsaEncoding: 'ieee-p1363' }],
  ['PS256', { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }],
]);

/** As RFC 9068 §2.2 wants them. */
function claimsNow() {
  const now = Math.floor(Date.now() / 1000);
  return {
    ...{ iss: ISSUER, sub: 'b6b2f6d0-7d6c-4b8e-9a54-1c0b9a8f3e11', aud: AUDIENCE, client_id: 'client' },
    ...{ scope: 'read write', iat: now, exp: now + 3600, jti: 'IuNVIIkCKSkUDgJzvbrfDXoxNuLn1WEp' },
  };
}

/** Waits for what is given to a callback. */
function called<T>(call: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
}

async function keysFor(alg: (typeof ALGORITHMS)[number]) {
  const jwk: JWK = await generateSigningKey(alg);
  const options = OPTIONS.get(alg) ?? {};
  const withOptions = (key: KeyObject) => ({ ...options, key });
  return {
    set: await keySet({ signing: jwk }),
    joses: await importJWK(jwk, alg),
    toSign: withOptions(createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })),
    toVerify: withOptions(createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })),
  };
}

/** The two operations, each in four ways: the signature alone, at once and by callback; by jose; by koauthorize. */
export async function contendersFor(
  alg: (typeof ALGORITHMS)[number],
): Promise<{ readonly sign: readonly Contender[]; readonly verify: readonly Contender[] }> {
  const { set, joses, toSign, toVerify } = await keysFor(alg);
  const digest = alg === 'EdDSA' ? null : 'sha256';
  const claims = claimsNow();
  const header = { alg, kid: set.signing().kid, typ: 'at+jwt' };
  const token = await signJWT(set.signing(), claims, 'at+jwt');
  const dot = token.lastIndexOf('.');
  const [data, signature] = [Buffer.from(token.slice(0, dot)), Buffer.from(token.slice(dot + 1), 'base64url')];
  const open = await importJWK(set.jwks().keys[0] as JWK, alg);
  const fetch = async () => new Response(JSON.stringify(set.jwks()));
  const read = jwtVerifier({ issuer: ISSUER, audience: AUDIENCE, jwksURI: `${ISSUER}/jwks`, fetch });
  if ((await read(token)) === undefined) throw new Error('The token is not taken');
  return {
    sign: [
      { name: 'at once', run: () => sign(digest, data, toSign) },
      { name: 'by callback', run: () => called<Buffer>((done) => sign(digest, data, toSign, done)) },
      { name: 'jose', run: () => new SignJWT(claims).setProtectedHeader(header).sign(joses) },
      { name: 'koauthorize', run: () => signJWT(set.signing(), claims, 'at+jwt') },
    ],
    verify: [
      { name: 'at once', run: () => verify(digest, data, toVerify, signature) },
      { name: 'by callback', run: () => called<boolean>((done) => verify(digest, data, toVerify, signature, done)) },
      { name: 'jose', run: () => jwtVerify(token, open, { issuer: ISSUER, audience: AUDIENCE, algorithms: [alg] }) },
      { name: 'koauthorize', run: () => read(token) },
    ],
  };
}
