/** Clients that register themselves at the full example: nobody, by token, and anyone within the limits. */
import assert from 'node:assert/strict';
import { LIMITS } from '../../examples/full/rate-limits.js';
import { ALICE, type RunningFull, startFull } from '../support/full.js';
import { Agent, codeIn, request, VERIFIER } from '../support/full-agent.js';

const TOKEN = 'a-registration-token-that-nobody-guesses';
const CALLBACK = 'https://notes.example/callback';
const NOTES = { redirect_uris: [CALLBACK], client_name: 'Notes of Noah', scope: 'profile' };

type Body = Readonly<Record<string, string>>;
const bodyOf = (answer: Response): Promise<Body> => answer.json() as Promise<Body>;

describe('the full example, for clients that register themselves', () => {
  let full: RunningFull;
  afterEach(() => full.stop());

  const register = (sent: object, token?: string) =>
    fetch(`${full.url}/register`, {
      method: 'POST',
      body: JSON.stringify(sent),
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    });
  const metadata = async () => bodyOf(await fetch(`${full.url}/.well-known/oauth-authorization-server`));

  it('nobody may unless the settings say so: no endpoint, and none in the metadata', async () => {
    full = await startFull();
    assert.equal((await register(NOTES, TOKEN)).status, 404);
    assert.equal('registration_endpoint' in (await metadata()), false);
  });

  it('by token: it registers, its user is asked and told its name and host, it gets tokens for the API, and is removed with them', async () => {
    full = await startFull({ config: { registration: { kind: 'by token', token: TOKEN } } });
    assert.equal((await metadata())['registration_endpoint'], `${full.issuer}/register`);
    assert.equal((await register(NOTES)).status, 401);
    assert.equal((await register(NOTES, 'wrong')).status, 401);
    const answer = await register(NOTES, TOKEN);
    assert.equal(answer.status, 201);
    const { client_id, client_secret, registration_client_uri, registration_access_token } = await bodyOf(answer);

    const asking = request(full.url, { client_id: String(client_id), redirect_uri: CALLBACK });
    const agent = new Agent(full.url);
    await agent.login(ALICE);
    const dialog = await agent.open(asking);
    assert.match(dialog.text, /Notes of Noah/);
    const code = await agent.allow(dialog);
    const token = await fetch(`${full.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: CALLBACK,
        code_verifier: VERIFIER,
      }),
    });
    assert.equal(token.status, 200, await token.clone().text());
    const { access_token } = await bodyOf(token);
    const me = () => fetch(`${full.url}/userinfo`, { headers: { authorization: `Bearer ${access_token}` } });
    assert.notEqual((await me()).status, 404);
    const api = () => fetch(`${full.url}/api/me`, { headers: { authorization: `Bearer ${access_token}` } });
    assert.equal((await api()).status, 200);

    const removed = await fetch(String(registration_client_uri), {
      method: 'DELETE',
      headers: { authorization: `Bearer ${registration_access_token}` },
    });
    assert.equal(removed.status, 204);
    assert.equal((await api()).status, 401);
    await assert.rejects(async () => codeIn(await agent.open(asking)));
  });

  it('a name that is no name, that of another client, and a logo of another company are refused', async () => {
    full = await startFull({ config: { registration: { kind: 'anyone' } } });
    for (const more of [
      { client_name: undefined },
      { client_name: '🎉' },
      { client_name: 'Postcárds' },
      { logo_uri: 'https://bank.example/logo.png' },
    ]) {
      const answer = await register({ ...NOTES, ...more });
      assert.deepEqual(
        [answer.status, (await bodyOf(answer))['error']],
        [400, 'invalid_client_metadata'],
        JSON.stringify(more),
      );
    }
    assert.equal((await register(NOTES)).status, 201);
  });

  it('anyone: so many of one address, and then 429 with a time', async () => {
    full = await startFull({ config: { registration: { kind: 'anyone' } } });
    for (let tries = 0; tries < LIMITS.registrations.points; tries++)
      assert.equal((await register({ ...NOTES, redirect_uris: [] })).status, 400);
    const answer = await register(NOTES);
    assert.deepEqual([answer.status, (await bodyOf(answer))['error']], [429, 'temporarily_unavailable']);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
  });
});
