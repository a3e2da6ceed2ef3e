/** What the full example says of tokens whose client or user may be gone. */
import assert from 'node:assert/strict';
import { stillThere } from '../../examples/full/still-there.js';
import { CLIENT } from '../support/authorization-server.js';
import { openidServer, type Registered, rsaKeys } from '../support/openid-server.js';

const PAIRWISE: Registered = { ...CLIENT, subject_type: 'pairwise' };
const API: Registered = { ...CLIENT, client_id: 'api' };

describe('the full example: a client or a user who is gone', () => {
  /** Tokens of alice at a client, and who is still there. */
  async function made(client: Registered) {
    const pairwise = 'a secret of the application, for subjects';
    const { tokens, connect } = openidServer({ keys: await rsaKeys(), clients: [client, API], openid: { pairwise } });
    const [clients, users] = [new Set([client.client_id]), new Set(['alice'])];
    const there = stillThere({
      tokens: tokens as never,
      clients: { find: async (id) => (clients.has(id) ? client : undefined) as never },
      users: { find: (id) => (users.has(id ?? '') ? { id } : undefined) as never },
    });
    const { access_token: token, refresh_token: refreshToken } = await connect({}, client);
    const introspect = async (sent: string, asks: Registered) => {
      const answer = (await there.introspect(sent, asks as never, undefined, {})) || { active: false };
      return { active: answer.active, sub: Reflect.get(answer, 'sub') };
    };
    return { there, clients, users, token, refreshToken, introspect };
  }

  for (const [what, client] of [
    ['public', CLIENT as Registered],
    ['pairwise', PAIRWISE],
  ] as const)
    it(`${what}: the user is looked up by the subject inside, and not by the sub that the client is told`, async () => {
      const { there, users, token, refreshToken, introspect } = await made(client);
      const own = await introspect(token, client);
      assert.equal(own.active, true);
      assert.equal(own.sub === 'alice', what === 'public');
      assert.deepEqual(await introspect(refreshToken, client), own);
      assert.deepEqual(await introspect(token, API), { active: true, sub: 'alice' });
      assert.equal((await there.verify(token))?.subject, 'alice');

      users.clear();
      for (const asks of [client, API]) assert.equal((await introspect(token, asks)).active, false);
      assert.equal(await there.verify(token), undefined);
      assert.equal(await there.redeem(refreshToken, { client } as never), undefined);
    });

  it('the client is gone: none of its tokens is good', async () => {
    const { there, clients, token, refreshToken, introspect } = await made(CLIENT as Registered);
    clients.clear();
    for (const sent of [token, refreshToken])
      assert.equal((await introspect(sent, CLIENT as Registered)).active, false);
    assert.equal((await introspect(token, API)).active, false);
    assert.equal(await there.verify(token), undefined);
    assert.equal(await there.redeem(refreshToken, { client: CLIENT } as never), undefined);
  });
});
