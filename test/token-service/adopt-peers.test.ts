/** `adopt` with refresh tokens as other libraries keep them: the functions of docs/coming-over.md, on tables of the forms that their sources show. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { certificateBoundTokens, dpop } from 'koauthorize';
import type { AdoptedCode, AdoptedToken } from 'koauthorize/tokens';
import { CALLBACK, CHALLENGE, CLIENT, ISSUER, type User } from '../support/authorization-server.js';
import { makeCA } from '../support/certificates.js';
import { type ClientKey, clientKey, proofFor } from '../support/dpop.js';
import { assertErrorHere } from '../support/form.js';
import { type TokenSetup, tokenServer } from '../support/token-server.js';

/** That of `tokenServer`. */
const START = 1_767_225_600;
const DAY = 24 * 60 * 60;
const at = (seconds: number): Date => new Date(seconds * 1000);

type Adopt = (token: string) => Promise<AdoptedToken<User> | undefined>;

/** Honoured once, ours from then on, and over when it comes again. */
async function comesOver(adopt: Adopt, old: string, scope: string): Promise<void> {
  const { refresh, tokens, clock } = tokenServer({ tokens: { adopt } });
  const first = (await refresh(old).expect(200)).body;
  assert.equal(first.scope, scope);
  assert.equal((await tokens.verify(first.access_token))?.subject, 'alice');
  const second = (await refresh(first.refresh_token).expect(200)).body;
  clock.now += 60;
  assertErrorHere(await refresh(old), 400, 'invalid_grant');
  assert.equal(await tokens.verify(second.access_token), undefined);
}

async function isRefused(adopt: Adopt, old: string): Promise<void> {
  assertErrorHere(await tokenServer({ tokens: { adopt } }).refresh(old), 400, 'invalid_grant');
}

type AdoptCode = (code: string) => Promise<AdoptedCode<User> | undefined>;

/** Exchanged once, with its verifier, and over when it comes again. */
async function isExchanged(adoptCode: AdoptCode, old: string, scope: string): Promise<void> {
  const { redeem, tokens } = tokenServer({ tokens: { adoptCode } });
  assertErrorHere(await redeem(old, { code_verifier: undefined }), 400, 'invalid_grant');
  assertErrorHere(await redeem(old, { redirect_uri: `${CALLBACK}/other` }), 400, 'invalid_grant');
  const { body } = await redeem(old).expect(200);
  assert.equal(body.scope, scope);
  assert.equal((await tokens.verify(body.access_token))?.subject, 'alice');
  assertErrorHere(await redeem(old), 400, 'invalid_grant');
  assert.equal(await tokens.verify(body.access_token), undefined);
}

async function isNotExchanged(adoptCode: AdoptCode, old: string): Promise<void> {
  assertErrorHere(await tokenServer({ tokens: { adoptCode } }).redeem(old), 400, 'invalid_grant');
}

describe('coming over from oauth2orize and oauth2orize-koa, with tables of the application', () => {
  interface Allowed {
    readonly clientID: string;
    readonly userID: string;
    readonly scope?: string[];
  }
  interface Code extends Allowed {
    readonly redirectURI?: string;
    readonly codeChallenge?: string;
    readonly expires: number;
  }
  const [old, LAST_DAY] = [randomBytes(32).toString('hex'), START + 100 * DAY];
  const SCOPE_OF_OLD = ['read'];
  const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
  const adoptFrom =
    (table: Readonly<Record<string, Allowed>>): Adopt =>
    async (token) => {
      const found = table[hashOf(token)];
      return (
        found && {
          clientID: found.clientID,
          subject: found.userID,
          scope: found.scope ?? SCOPE_OF_OLD,
          expiresAt: LAST_DAY,
        }
      );
    };
  const adoptCodeFrom =
    (table: Readonly<Record<string, Code>>): AdoptCode =>
    async (code) => {
      const found = table[hashOf(code)];
      if (!found) return undefined;
      const { clientID, userID: subject, scope = SCOPE_OF_OLD, redirectURI, codeChallenge, expires } = found;
      return {
        ...{ clientID, subject, scope, expiresAt: expires / 1000 },
        redirectURI: redirectURI ?? CLIENT.redirect_uris[0] ?? '',
        request: { redirectURI, ...(codeChallenge && { codeChallenge, codeChallengeMethod: 'S256' }) },
      };
    };
  const row: Allowed = { clientID: CLIENT.client_id, userID: 'alice', scope: ['read', 'write'] };
  const code: Code = { ...row, redirectURI: CALLBACK, codeChallenge: CHALLENGE, expires: (START + 60) * 1000 };

  it('a refresh token, until the last day', async () => {
    const adopt = adoptFrom({ [hashOf(old)]: row });
    await comesOver(adopt, old, 'read write');
    const { refresh, clock } = tokenServer({ tokens: { adopt } });
    clock.now = LAST_DAY;
    assertErrorHere(await refresh(old), 400, 'invalid_grant');
  });

  it('one without a scope, as the README of oauth2orize saves it: what it could do is said', async () => {
    const { scope: _, ...without } = row;
    await comesOver(adoptFrom({ [hashOf(old)]: without }), old, 'read');
  });

  it('one whose row is gone, or that is of another client, is refused', async () => {
    await isRefused(adoptFrom({}), old);
    await isRefused(adoptFrom({ [hashOf(old)]: { ...row, clientID: 'other' } }), old);
  });

  it('a code', () => isExchanged(adoptCodeFrom({ [hashOf(old)]: code }), old, 'read write'));

  it('a code of a client that named no redirect URI, which it need not name now', async () => {
    const { redirectURI: _, ...unnamed } = code;
    const { redeem } = tokenServer({ tokens: { adoptCode: adoptCodeFrom({ [hashOf(old)]: unnamed }) } });
    await redeem(old, { redirect_uri: undefined }).expect(200);
  });

  it('a code that has expired, was used (its row is gone), has no challenge, or is of another client, is refused', async () => {
    const { codeChallenge: _, ...unchallenged } = code;
    await isNotExchanged(adoptCodeFrom({ [hashOf(old)]: { ...code, expires: START * 1000 } }), old);
    await isNotExchanged(adoptCodeFrom({}), old);
    await isNotExchanged(adoptCodeFrom({ [hashOf(old)]: unchallenged }), old);
    await isNotExchanged(adoptCodeFrom({ [hashOf(old)]: { ...code, clientID: 'other' } }), old);
  });
});

describe('coming over from @node-oauth/oauth2-server', () => {
  const old = randomBytes(32).toString('hex');
  const LAST_DAY = START + 100 * DAY;
  interface Row {
    readonly refreshTokenExpiresAt?: Date;
    readonly scope?: string[];
    readonly client: { readonly id: string };
    readonly user: { readonly id: string };
  }
  const adoptFrom =
    (table: Readonly<Record<string, Row>>): Adopt =>
    async (token) => {
      const found = table[token];
      if (!found) return undefined;
      const { client, user, scope = [], refreshTokenExpiresAt: end } = found;
      return { clientID: client.id, subject: user.id, scope, expiresAt: end ? end.getTime() / 1000 : LAST_DAY };
    };
  const row: Row = { scope: ['read', 'write'], client: { id: CLIENT.client_id }, user: { id: 'alice' } };

  it('a token with an end, and one without', async () => {
    await comesOver(adoptFrom({ [old]: { ...row, refreshTokenExpiresAt: at(START + DAY) } }), old, 'read write');
    await comesOver(adoptFrom({ [old]: row }), old, 'read write');
  });

  it('a code, whose challenge and redirect URI the model has', async () => {
    const code = { ...row, expiresAt: at(START + 300), redirectUri: CALLBACK, codeChallenge: CHALLENGE };
    const table: Readonly<Record<string, typeof code & { readonly codeChallengeMethod?: string }>> = {
      [old]: { ...code, codeChallengeMethod: 'S256' },
      plain: code,
    };
    const adoptCode: AdoptCode = async (sent) => {
      const found = table[sent];
      if (!found) return undefined;
      const { client, user, scope = [], redirectUri: redirectURI, codeChallenge, expiresAt } = found;
      const codeChallengeMethod = found.codeChallengeMethod === 'S256' ? 'S256' : 'plain';
      const request = { codeChallenge, codeChallengeMethod } as const;
      const said = { clientID: client.id, subject: user.id, scope, redirectURI, request };
      return { ...said, expiresAt: expiresAt.getTime() / 1000 };
    };
    await isExchanged(adoptCode, old, 'read write');
    await isNotExchanged(adoptCode, 'plain');
    await isNotExchanged(adoptCode, 'unknown');
  });

  it('one that has expired, was revoked (its row is gone), or is of another client, is refused', async () => {
    await isRefused(adoptFrom({ [old]: { ...row, refreshTokenExpiresAt: at(START - 1) } }), old);
    await isRefused(adoptFrom({}), old);
    await isRefused(adoptFrom({ [old]: { ...row, client: { id: 'other' } } }), old);
  });
});

describe('coming over from oidc-provider', () => {
  const old = randomBytes(32).toString('base64url');
  interface Payload {
    readonly clientId: string;
    readonly accountId: string;
    readonly scope?: string;
    readonly exp: number;
    readonly iiat: number;
    readonly consumed?: number;
    readonly grantId: string;
    readonly expiresWithSession?: boolean;
    readonly sessionUid?: string;
    readonly jkt?: string;
    readonly 'x5t#S256'?: string;
    readonly authTime?: number;
    readonly sid?: string;
  }
  const SESSION = { accountId: 'alice', authorizations: { [CLIENT.client_id]: { grantId: 'a-grant' } } };
  const [grants, sessions] = [new Set(['a-grant', 'earlier']), new Map([['a-session', SESSION]])];
  const adoptFrom =
    (table: Readonly<Record<string, Payload>>): Adopt =>
    async (token) => {
      const found = table[token];
      if (!found || found.consumed || !grants.has(found.grantId)) return undefined;
      const { clientId: clientID, accountId: subject, scope = '', exp: expiresAt, iiat: authorizedAt } = found;
      const { jkt, 'x5t#S256': x5t } = found;
      const session = sessions.get(found.sessionUid ?? '');
      const isOfSession = session?.accountId === subject && session.authorizations[clientID]?.grantId === found.grantId;
      if (found.expiresWithSession && !isOfSession) return undefined;
      const authentication = { authenticatedAt: found.authTime, sessionID: found.sid };
      return {
        ...{ clientID, subject, scope: scope.split(' ').filter(Boolean), expiresAt, authorizedAt, authentication },
        confirmation: { ...(jkt && { jkt }), ...(x5t && { 'x5t#S256': x5t }) },
      };
    };
  const payload: Payload = {
    ...{ clientId: CLIENT.client_id, accountId: 'alice', scope: 'openid read', grantId: 'a-grant' },
    ...{ exp: START + DAY, iiat: START - 30 * DAY, authTime: START - 30 * DAY, sid: 'a-sid' },
  };

  it('a token, and one of a session that lasts', async () => {
    await comesOver(adoptFrom({ [old]: payload }), old, 'openid read');
    const ofSession = { ...payload, expiresWithSession: true, sessionUid: 'a-session' };
    await comesOver(adoptFrom({ [old]: ofSession }), old, 'openid read');
  });

  it('a code, whose challenge, redirect URI and nonce the adapter has, unless its grant has ended', async () => {
    const code = { ...payload, redirectUri: CALLBACK, codeChallenge: CHALLENGE, codeChallengeMethod: 'S256' } as const;
    const table: Readonly<Record<string, typeof code>> = { [old]: code, ended: { ...code, grantId: 'destroyed' } };
    const adoptCode: AdoptCode = async (sent) => {
      const found = table[sent];
      if (!found || found.consumed || !grants.has(found.grantId)) return undefined;
      const { clientId: clientID, accountId: subject, scope = '', exp: expiresAt, authTime, sid } = found;
      const { redirectUri: redirectURI, codeChallenge, codeChallengeMethod } = found;
      return {
        ...{ clientID, subject, scope: scope.split(' '), expiresAt, redirectURI },
        authentication: { authenticatedAt: authTime, sessionID: sid },
        request: { codeChallenge, codeChallengeMethod, nonce: 'a nonce' },
      };
    };
    await isExchanged(adoptCode, old, 'openid read');
    await isNotExchanged(adoptCode, 'ended');
  });

  it('one that was consumed, whose grant or session has ended, or that has expired, is refused', async () => {
    await isRefused(adoptFrom({ [old]: { ...payload, consumed: START - 5 } }), old);
    await isRefused(adoptFrom({ [old]: { ...payload, grantId: 'destroyed' } }), old);
    await isRefused(adoptFrom({ [old]: { ...payload, expiresWithSession: true, sessionUid: 'ended' } }), old);
    const ofSession = { ...payload, expiresWithSession: true, sessionUid: 'a-session' };
    await isRefused(adoptFrom({ [old]: { ...ofSession, grantId: 'earlier' } }), old);
    await isRefused(adoptFrom({ [old]: { ...payload, exp: START } }), old);
  });

  it('one that is bound to a key is good for whoever has the key, and stays bound', async () => {
    const [key, other] = [await clientKey(), await clientKey()];
    const adopt = adoptFrom({ [old]: { ...payload, jkt: key.thumbprint } });
    const seen = new Set<string>();
    const useOnce = (jti: string): boolean => !seen.has(jti) && seen.add(jti).size > 0;
    const plug: NonNullable<TokenSetup['plug']> = (server) => server.extend(dpop({ useOnce, baseURL: ISSUER }));
    const { refresh } = tokenServer({ tokens: { adopt }, plug });
    const proof = (by: ClientKey) => proofFor(by, { url: `${ISSUER}/token` });
    assert.equal((await refresh(old)).status, 400);
    assert.equal((await refresh(old).set('DPoP', await proof(other))).status, 400);
    assert.equal(
      (
        await refresh(old)
          .set('DPoP', await proof(key))
          .expect(200)
      ).body.token_type,
      'DPoP',
    );
  });

  it('one that is bound to a certificate is good for whoever has the certificate, and stays bound', async () => {
    const ca = await makeCA();
    const [own, other] = [(await ca.issue()).certificate, (await ca.issue()).certificate];
    const thumbprint = createHash('sha256').update(own.raw).digest('base64url');
    const certificates = new Map(Object.entries({ own, other }));
    const plug: NonNullable<TokenSetup['plug']> = (server) =>
      server.extend(
        certificateBoundTokens({
          isBound: () => true,
          certificate(ctx) {
            const certificate = certificates.get(ctx.get('X-Who'));
            return certificate && { certificate, isVerified: true };
          },
        }),
      );
    const { refresh, tokens } = tokenServer({
      tokens: { adopt: adoptFrom({ [old]: { ...payload, 'x5t#S256': thumbprint } }) },
      plug,
    });
    for (const who of ['nobody', 'other']) assert.ok((await refresh(old).set('X-Who', who)).status >= 400, who);
    const { body } = await refresh(old).set('X-Who', 'own').expect(200);
    assert.equal((await tokens.verify(body.access_token))?.confirmation?.['x5t#S256'], thumbprint);
  });
});

describe('coming over from @jmondi/oauth2-server', () => {
  const secret = new TextEncoder().encode('the secret of JwtService, which was 32 bytes or more');
  const id = randomBytes(32).toString('hex');
  interface Row {
    readonly refreshTokenExpiresAt?: Date | null;
    readonly client: { readonly id: string };
    readonly user?: { readonly id: string } | null;
    readonly scopes: readonly { readonly name: string }[];
  }
  const row: Row = {
    ...{ refreshTokenExpiresAt: at(START + DAY), client: { id: CLIENT.client_id }, user: { id: 'alice' } },
    scopes: [{ name: 'read' }, { name: 'write' }],
  };
  const adoptFrom =
    (table: Readonly<Record<string, Row>>): Adopt =>
    async (token) => {
      const verified = await jwtVerify(token, secret, { algorithms: ['HS256'], currentDate: at(START) }).catch(
        () => undefined,
      );
      const found = table[String(verified?.payload['refresh_token_id'])];
      if (!found?.user || !found.refreshTokenExpiresAt) return undefined;
      const { client, user, scopes, refreshTokenExpiresAt } = found;
      const scope = scopes.map(({ name }) => name);
      const expiresAt = refreshTokenExpiresAt.getTime() / 1000;
      return { clientID: client.id, subject: user.id, scope, expiresAt, tokenID: id };
    };
  const held = (by = secret): Promise<string> =>
    new SignJWT({ client_id: CLIENT.client_id, refresh_token_id: id, expire_time: START + DAY })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(by);

  it('what the client holds is a JWT', async () => {
    await comesOver(adoptFrom({ [id]: row }), await held(), 'read write');
  });

  /** The same JWT: the last character of a signature of 32 bytes has two bits that mean nothing. */
  const otherSpelling = (jwt: string): string => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return jwt.slice(0, -1) + alphabet[alphabet.indexOf(jwt.slice(-1)) + 1];
  };

  it('RFC 9700 §4.14.2 another spelling of a used JWT counts as the same token, and revokes all tokens that came from it', async () => {
    const [old, adopt] = [await held(), adoptFrom({ [id]: row })];
    const { refresh, tokens, events } = tokenServer({ tokens: { adopt } });
    const { access_token } = (await refresh(old).expect(200)).body;
    assertErrorHere(await refresh(otherSpelling(old)), 400, 'invalid_grant');
    assert.equal(await tokens.verify(access_token), undefined);
    assert.ok(events.some(({ name }) => name === 'replayDetected'));
    assertErrorHere(await refresh(old), 400, 'invalid_grant');
  });

  it('another spelling that comes first is taken over, and the token of its client then ends that', async () => {
    const [old, adopt] = [await held(), adoptFrom({ [id]: row })];
    const { refresh, tokens } = tokenServer({ tokens: { adopt } });
    const { access_token } = (await refresh(otherSpelling(old)).expect(200)).body;
    assertErrorHere(await refresh(old), 400, 'invalid_grant');
    assert.equal(await tokens.verify(access_token), undefined);
  });

  it('the ID alone, a JWT that somebody else signed, and a row that is gone or of nobody, are refused', async () => {
    const table = adoptFrom({ [id]: row });
    await isRefused(table, id);
    await isRefused(table, await held(new TextEncoder().encode('x'.repeat(32))));
    await isRefused(adoptFrom({}), await held());
    await isRefused(adoptFrom({ [id]: { ...row, user: null } }), await held());
  });
});
