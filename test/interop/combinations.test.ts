/**
 * Requests that are pushed, signed, answered in a JWT, bound to a key, with authorization details and for one API: every combination of these six,
 * by oauth4webapi and by openid-client, against one server on each store that several processes can share.
 */
import assert from 'node:assert/strict';
import { exportJWK, generateKeyPair } from 'jose';
import type * as oauth from 'oauth4webapi';
import { client as registered } from '../support/client-auth.js';
import { combinedServer, FILES } from '../support/combined-server.js';
import { stopAll } from '../support/interop-server.js';
import { skipStore } from '../support/missing-server.js';
import { PLACES, type Place } from '../support/places.js';
import { type Combination, DETAILS, type Flow, ID, PARTS, REDIRECT, type Tokens } from './combination.js';
import { drivenByOAuth4WebAPI } from './driven-by-oauth4webapi.js';
import { drivenByOpenIDClient } from './driven-by-openid-client.js';

const COMBINATIONS: readonly Combination[] = Array.from(
  { length: 2 ** PARTS.length },
  (_, n) => Object.fromEntries(PARTS.map((part, bit) => [part, Boolean(n & (1 << bit))])) as Combination,
);
const named = (combination: Combination): string => PARTS.filter((part) => combination[part]).join(', ') || 'nothing';
const DRIVERS = { oauth4webapi: drivenByOAuth4WebAPI, 'openid-client': drivenByOpenIDClient };

/** Where the server sends the browser; undefined where it sends it nowhere. */
async function visit(at: URL): Promise<URL | undefined> {
  const location = (await fetch(at, { redirect: 'manual' })).headers.get('location');
  return location === null ? undefined : new URL(location);
}

/** The tokens are what was asked for: bound, detailed, and for that API alone. */
async function requireAsAskedFor(flow: Flow, tokens: Tokens, asked: Combination, url: string): Promise<void> {
  const { access_token } = tokens;
  assert.equal(tokens.token_type.toLowerCase(), asked.bound ? 'dpop' : 'bearer');
  assert.deepEqual(tokens.authorization_details, asked.detailed ? DETAILS : undefined);
  const status = async (path: string) => (await flow.call(path, access_token)).status;
  assert.deepEqual(
    { any: await status('/any'), files: await status('/files'), mail: await status('/mail') },
    { any: 200, files: asked.forOneAPI ? 200 : 401, mail: 401 },
  );
  const asBearer = await fetch(new URL('/any', url), { headers: { Authorization: `Bearer ${access_token}` } });
  assert.equal(asBearer.status, asked.bound ? 401 : 200);
  const told = await flow.call('/any', access_token);
  const { audience } = (await told.json()) as { audience?: string[] };
  assert.deepEqual(audience ?? [], asked.forOneAPI ? [FILES] : []);
}

for (const [store, start] of Object.entries(PLACES)) {
  if (store === 'memory') continue;
  describe(`every combination of what a request can be, on ${store}`, function () {
    this.timeout(60_000);
    let place: Place | undefined;
    let url: string;
    let key: oauth.PrivateKey;
    before(async function () {
      place = await start();
      if (!place) skipStore(this, store);
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      key = { key: privateKey, kid: 'one' };
      const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }] };
      url = await combinedServer(
        place.open(),
        registered(ID, {
          redirect_uris: [REDIRECT],
          jwks,
          token_endpoint_auth_method: 'private_key_jwt',
          request_object_signing_alg: 'ES256',
          authorization_signed_response_alg: 'ES256',
        }),
      );
    });
    after(async () => {
      await stopAll();
      await place?.remove();
    });

    for (const [library, begin] of Object.entries(DRIVERS)) {
      for (const asked of COMBINATIONS) {
        it(`${library}: ${named(asked)}`, async () => {
          const flow = await begin(url, key, asked);
          const tokens = await flow.finish((await visit(flow.at)) ?? assert.fail('no answer'));
          await requireAsAskedFor(flow, tokens, asked, url);
          const refreshed = await flow.refresh(tokens.refresh_token ?? assert.fail('no refresh token'));
          await requireAsAskedFor(flow, refreshed, asked, url);
          // RFC 9126 §4: a pushed request is answered once
          if (asked.pushed) assert.equal(await visit(flow.at), undefined);
        });
      }
    }
  });
}
