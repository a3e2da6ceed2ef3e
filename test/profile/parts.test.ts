/** What profiles plug in by themselves, and what access tokens are bound to. */
import assert from 'node:assert/strict';
import { exchange, grant, jwks, type Server } from 'koauthorize';
import { type FAPI2Options, fapi2 } from 'koauthorize/profile/fapi2';
import { type FAPI2MessageSigningOptions, fapi2MessageSigning } from 'koauthorize/profile/fapi2-message-signing';
import type { TokenService } from 'koauthorize/tokens';
import { type App, authorize, good, house, keysOf, redeem, type User } from './house.js';

/** Nothing but the grants. */
function plug(server: Server<App, User>, tokens: TokenService<App, User>): void {
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken))
    .extend(jwks());
}

/** A server on which everything else comes from the profile. */
async function server(options: FAPI2Options<App> & FAPI2MessageSigningOptions<App>, signs = false, more: object = {}) {
  const app = good('fapi2', await keysOf(), more);
  const plugs = (signs ? fapi2MessageSigning : fapi2)<App, User>({ appliesTo: () => true, ...options });
  return { app, made: await house({ clients: [app], plugs, plug }) };
}

const unsigned = { object: 'none', params: { response_mode: undefined } } as const;

describe('profiles: what they plug in', () => {
  it('fapi2() brings pushed requests, PKCE, DPoP and the metadata', async () => {
    const { app, made } = await server({});
    const { code } = await authorize(made, app, unsigned);
    const { body } = await redeem(made, app, code, {});
    assert.equal(body.token_type, 'DPoP', JSON.stringify(body));
    const { body: said } = await made.http.get('/.well-known/oauth-authorization-server').expect(200);
    assert.deepEqual(said.code_challenge_methods_supported, ['S256']);
    assert.equal(said.authorization_response_iss_parameter_supported, true);
    assert.equal(said.pushed_authorization_request_endpoint, 'https://as.example/par');
  });

  it('fapi2MessageSigning() brings request objects and signed responses, too; each can be left out', async () => {
    const whole = await server({}, true);
    const { iss, code } = await authorize(whole.made, whole.app, {});
    assert.equal(iss, 'https://as.example');
    assert.equal((await redeem(whole.made, whole.app, code, {})).status, 200);
    const responses = await server({ requests: false }, true);
    assert.ok('code' in (await authorize(responses.made, responses.app, { object: 'none' })));
    const requests = await server({ responses: false }, true);
    assert.ok('code' in (await authorize(requests.made, requests.app, { params: { response_mode: undefined } })));
  });
});

describe('profiles: what tokens are bound to', () => {
  const outcomeOf = async (options: FAPI2Options<App>, tokenProof: 'none' | undefined, more?: object) => {
    const { app, made } = await server(options, false, more);
    const { code } = await authorize(made, app, unsigned);
    const { body } = await redeem(made, app, code, tokenProof ? { tokenProof } : {});
    return body.error_description ?? body.token_type;
  };
  const certificate = { tls_client_certificate_bound_access_tokens: true };

  it('dpop: a key', async () => {
    assert.equal(await outcomeOf({}, undefined), 'DPoP');
    assert.equal(await outcomeOf({}, 'none'), 'DPoP proof: it is missing');
  });

  it('mtls: a certificate; a DPoP proof does not count', async () => {
    assert.equal(await outcomeOf({ binding: 'mtls' }, 'none'), 'A client certificate is required');
    assert.equal(await outcomeOf({ binding: 'mtls' }, undefined), 'A client certificate is required');
  });

  it('either: a certificate for clients that registered it, a key for all others', async () => {
    assert.equal(await outcomeOf({ binding: 'either' }, undefined), 'DPoP');
    assert.equal(await outcomeOf({ binding: 'either' }, 'none'), 'DPoP proof: it is missing');
    assert.equal(await outcomeOf({ binding: 'either' }, 'none', certificate), 'A client certificate is required');
  });

  it('anything else throws', () => {
    for (const options of [{ binding: 'none' }, { bindings: 'dpop' }])
      assert.throws(() => fapi2(options as never), TypeError, JSON.stringify(options));
  });
});

describe('fapi2({ allowRotation: true })', () => {
  it('replaces refresh tokens, and the old one works for the time of the grace window', async () => {
    const { app, made } = await server({ allowRotation: true });
    const { code } = await authorize(made, app, unsigned);
    const { body } = await redeem(made, app, code, {});
    const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const refresh = () =>
      redeem(made, app, undefined, {
        form: { ...form, code: undefined, code_verifier: undefined, redirect_uri: undefined },
      });
    const { refresh_token: next } = (await refresh()).body;
    assert.equal(typeof next, 'string');
    assert.equal((await refresh()).body.refresh_token, next);
  });
});
