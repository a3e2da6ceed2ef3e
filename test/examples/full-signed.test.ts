/** The full example with what a careful client asks for: a pushed request, a key of its own, one API, a signed response. */
import assert from 'node:assert/strict';
import { decodeProtectedHeader } from 'jose';
import * as oauth from 'oauth4webapi';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, DEMO, formIn } from '../support/full-agent.js';

const insecure = { [oauth.allowInsecureRequests]: true };

describe('the full example, for careful clients', () => {
  let full: RunningFull;
  let agent: Agent;
  before(async () => {
    full = await startFull();
    agent = new Agent(full.url);
    await agent.login(ALICE);
  });
  after(() => full.stop());

  it('a pushed request for one API, answered in a signed response, with tokens that are bound to a key', async () => {
    const url = new URL(full.url);
    const as = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, { ...insecure, algorithm: 'oauth2' }),
    );
    const client: oauth.Client = { client_id: DEMO.id };
    const auth = oauth.ClientSecretBasic(DEMO.secret);
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'));
    const options = { DPoP, ...insecure };
    const [state, verifier] = [oauth.generateRandomState(), oauth.generateRandomCodeVerifier()];
    const params = {
      response_type: 'code',
      response_mode: 'jwt',
      redirect_uri: `${full.url}/demo/callback`,
      scope: 'profile notes',
      resource: `${full.issuer}/api`,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    const pushed = await oauth.pushedAuthorizationRequest(as, client, auth, params, options);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, pushed);
    const query = new URLSearchParams({ client_id: DEMO.id, request_uri });
    const dialog = await agent.open(`/authorize?${query}`);
    const { location } = await agent.submit(formIn(dialog, '/authorize/decision'), {});
    // JARM §3: where the client registered no algorithm
    const signed = new URL(location).searchParams.get('response') ?? '';
    assert.equal(decodeProtectedHeader(signed).alg, 'RS256');
    const answer = await oauth.validateJwtAuthResponse(as, client, new URL(location), state, insecure);
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      auth,
      answer,
      `${full.url}/demo/callback`,
      verifier,
      options,
    );
    const { access_token, token_type } = await oauth.processAuthorizationCodeResponse(as, client, response);
    assert.equal(token_type, 'dpop');
    const api = new URL('/api/me', full.url);
    const asked = await oauth.protectedResourceRequest(access_token, 'GET', api, undefined, undefined, options);
    assert.equal(((await asked.json()) as { client: string }).client, DEMO.id);
    const stolen = await fetch(api, { headers: { Authorization: `Bearer ${access_token}` } });
    assert.equal(stolen.status, 401);
  });
});
