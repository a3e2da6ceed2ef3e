/** RFC 8693 on every store: what was exchanged ends with the authorization that it came from, in all processes. */
import assert from 'node:assert/strict';
import { browser, CLIENT, exchangeCode, type User } from '../support/authorization-server.js';
import { onEveryStore, twoOver } from '../support/every-store.js';
import { exchangeServer, ORDERS, STOCK } from '../support/exchange-server.js';

onEveryStore('RFC 8693', (place) => {
  const now = (): number => Math.floor(Date.now() / 1000); // Redis has a clock of its own

  /** Two processes, where the store can have them, and a token of alice's. */
  async function made(wait: () => Promise<unknown> = async () => undefined) {
    const allow = async () => {
      await wait();
      return {};
    };
    const setup = { exchange: { allow }, tokens: { now }, options: { now } };
    const [one, other] = twoOver(place(), (store) => exchangeServer({ ...setup, store }));
    const first = await one.connect();
    return { one, other, first, subject: String(first.access_token) };
  }

  it('what was exchanged ends in every process with the authorization, through a chain', async () => {
    const { one, other, first, subject } = await made();
    const second = (await other.swapped(subject, {}, ORDERS)).access_token;
    const third = (await one.swapped(second, {}, STOCK)).access_token;
    for (const token of [second, third]) for (const { tokens } of [one, other]) assert.ok(await tokens.verify(token));
    await other.tokens.revoke(first.refresh_token, CLIENT);
    for (const token of [subject, second, third])
      for (const { tokens } of [one, other]) assert.equal(await tokens.verify(token), undefined);
    for (const { swap } of [one, other])
      assert.equal((await swap(third, {}, STOCK).expect(400)).body.error, 'invalid_request');
  });

  it('an exchange that is on its way when another process ends its authorization gives nothing', async () => {
    let end: () => Promise<unknown> = async () => undefined;
    const { one, other, first, subject } = await made(() => end());
    end = () => other.tokens.revoke(first.refresh_token, CLIENT);
    const { status, body } = await one.swap(subject);
    assert.deepEqual([status, body.error, body.access_token], [400, 'invalid_grant', undefined]);
  });

  it('of ten exchanges concurrent with a revocation, no issued token stays valid', async () => {
    const { one, other, first, subject } = await made();
    const servers = Array.from({ length: 10 }, (_, index) => (index % 2 ? other : one));
    const asking = servers.map(({ swap }) => swap(subject).then(({ body }) => body.access_token));
    const [given] = await Promise.all([Promise.all(asking), other.tokens.revoke(first.refresh_token, CLIENT)]);
    for (const token of given.filter((one) => one !== undefined))
      for (const { tokens } of [one, other]) assert.equal(await tokens.verify(token), undefined);
  });

  /** A user whose shop has an access token alone, for which a service has got one that ends in the same second. */
  async function tied(id: string) {
    const user: User = { id, name: '' };
    const options = { now, authenticationEvent: () => ({ sessionID: 'session 1' }) };
    const server = exchangeServer({ tokens: { now, refreshTokens: () => false }, options, store: place().open() });
    const { code } = await browser(server.app, id).allow();
    const { access_token: own } = (await exchangeCode(server.app, code).expect(200)).body;
    const other = (await server.swapped(own)).access_token;
    const isAlive = async (token: string) => (await server.tokens.verify(token)) !== undefined;
    return { ...server, user, both: async () => [await isAlive(own), await isAlive(other)] };
  }
  const USERS = Array.from({ length: 12 }, (_, i) => `user ${i} ${Math.random()}`);

  it('what was exchanged never stands for its authorization, though it ends in the same second', async () => {
    for (const id of USERS) {
      const { tokens, user, both } = await tied(id);
      const listed = await tokens.listAuthorizations(user);
      assert.deepEqual(
        listed.map(({ clientID, scope }) => [clientID, scope]),
        [['client', ['read', 'write']]],
      );
      assert.equal(await tokens.revokeAll({ user, client: STOCK }), 0, 'another service');
      assert.equal(await tokens.revokeAll({ user: { id: 'nobody', name: '' }, client: ORDERS }), 0, 'another user');
      assert.deepEqual(await both(), [true, true]);
      assert.equal(await tokens.revokeAll({ user, client: ORDERS }), 0, 'what was exchanged is no authorization');
      assert.deepEqual(await both(), [true, false], 'and it ends alone');
      assert.equal(await tokens.revokeAll({ user, client: CLIENT }), 1);
      assert.deepEqual(await both(), [false, false]);
    }
  });

  it('what was exchanged ends with the login session', async () => {
    for (const id of USERS) {
      const { tokens, both } = await tied(id);
      const allowed = await tokens.allowedInSession({ subject: id, sessionID: 'session 1' });
      assert.deepEqual(allowed.clientIDs, ['client'], 'the user has not logged in at the service');
      await allowed.end();
      assert.deepEqual(await both(), [false, false]);
    }
  });
});
