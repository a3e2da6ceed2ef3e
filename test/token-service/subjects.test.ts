/** What stands for a user, and what the toolkit lists its own records by: neither can be the other. */
import assert from 'node:assert/strict';
import type { Context } from 'koa';
import { createServer, registeredClients, type TokenRequest } from 'koauthorize';
import {
  type Consumption,
  rotatingKeys,
  storedTransactions,
  type TokenRecord,
  type TokenStore,
} from 'koauthorize/tokens';
import { type App, authorizationServer, browser, CLIENT, type User } from '../support/authorization-server.js';
import { registrationServer } from '../support/registration-server.js';
import { tokenServer } from '../support/token-server.js';
import { recordingStore, watched } from '../support/token-store.js';

const START = 1_767_225_600;
const now = (): number => START;
const named = (id: string): User => ({ id, name: '' });
/** Headers have no control characters: the name of a user comes encoded. */
const decoded = ({ id }: User): string => decodeURIComponent(id);

/** A browser without cookies. */
const ctx = { secure: true, cookies: { get: () => undefined, set: () => undefined } } as unknown as Context;
const DIALOG = { protocol: 'oauth2', redirectURI: '', req: { type: 'code', clientID: 'client' }, at: START };

/** A store with a signing key, a client that registered itself and a dialog, and the records of these that have a subject. */
async function filled() {
  const { store, calls } = recordingStore();
  const keys = await rotatingKeys({ store, secret: 'x'.repeat(40), algorithms: ['EdDSA'], now });
  keys.close();
  const { registered, manage } = registrationServer({ store, now });
  const client = await registered();
  await storedTransactions(store, { now }).store(ctx, 'x'.repeat(24), DIALOG as never, { sessionKey: 'x' });
  const records = calls
    .filter(({ method }) => method === 'put')
    .flatMap(({ args: [put] }) => put as readonly TokenRecord[])
    .filter(({ subject }) => subject !== undefined);
  const alive = async () => {
    const found = await Promise.all(records.map(({ id }) => store.get(id, START)));
    return found.map((record) => record?.kind);
  };
  return { store, records, alive, client, ofClient: () => manage('get', client) };
}

const KINDS = ['signing_key', 'registered_client', 'transaction'];

/** The error for the operator: which option it was, and what to do. */
const says = (by: string) => ({
  name: 'TypeError',
  message: new RegExp(`^${by}: "[ -~]+" has control characters, .+ Give another identifier`),
});
const BY_SERVICE = "tokenService\\(\\{ subject \\}\\), or the user's id";

describe('no user has the subject of records that are no user’s', () => {
  it('such a user is given no code, lists nothing and ends nothing: neither signing keys nor registered clients nor dialogs', async () => {
    const { store, records, alive, ofClient } = await filled();
    assert.deepEqual(
      records.map(({ kind }) => kind),
      KINDS,
    );
    const { tokens, app, errors } = tokenServer({ tokens: { store, now, subject: decoded } });
    for (const { subject = '', authorizationID } of records) {
      const user = named(encodeURIComponent(subject));
      const answer = await browser(app, user.id).allow();
      assert.deepEqual([answer['error'], answer['code']], ['server_error', undefined]);
      await assert.rejects(Promise.reject(errors.at(-1)), says(BY_SERVICE));
      await assert.rejects(tokens.revokeAll({ user }), says(BY_SERVICE));
      await assert.rejects(tokens.revokeAuthorization(user, authorizationID), says(BY_SERVICE));
      await assert.rejects(tokens.listAuthorizations(user), says(BY_SERVICE));
    }
    assert.deepEqual(await alive(), KINDS);
    await ofClient().expect(200);
  });

  for (const id of ['\u0001signing keys:keys', 'al\nice', 'alice\u0000', '\u007f', '\u009b'])
    it(`control characters are refused wherever they stand, and the error says which option gave them: ${encodeURIComponent(id)}`, async () => {
      createServer<App, User>({}).extend((core) => {
        assert.throws(() => core.subject(named(id)), says("The user's id"));
        return { name: 'a test' };
      });
      const { app, errors } = authorizationServer({ options: { subject: decoded } });
      assert.equal((await browser(app, encodeURIComponent(id)).authorize()).status, 302);
      await assert.rejects(Promise.reject(errors.at(-1)), says('createServer\\(\\{ subject \\}\\)'));
    });

  it('nor is such a subject stored by any other way: tokens.issue, a note of a login', async () => {
    const { tokens, store, clock } = tokenServer();
    const subject = '\u0001registered client:x';
    const request = { client: CLIENT, params: new Map() } as unknown as TokenRequest<App>;
    await assert.rejects(
      tokens.issue({ subject, scope: ['read'] }, request),
      says('The subject of tokens\\.issue\\(\\), .+'),
    );
    await assert.rejects(tokens.noteLogin({ subject, clientID: 'client' }), says('tokens\\.noteLogin\\(.+\\)'));
    assert.deepEqual(await store.list(subject, clock.now), []);
  });
});

describe('a user of 0.1.0 whose identifier has control characters', () => {
  it('keeps the tokens, which are refreshed, and end with those of the client', async () => {
    const store = watched((_method, [first, second], call) => {
      const records = Array.isArray(first) ? first : ((second as Partial<Consumption> | undefined)?.next ?? []);
      for (const record of records) if (record.subject) Object.assign(record, { subject: 'al\nice' });
      return call();
    });
    const { connect, refresh, tokens, isActive } = tokenServer({ tokens: { store } });
    const { refresh_token } = await connect();
    const { body } = await refresh(refresh_token).expect(200);
    assert.equal((await tokens.verify(body.access_token))?.subject, 'al\nice');
    assert.equal(await tokens.revokeAll({ client: CLIENT }), 1);
    assert.equal(await isActive(body.access_token), false);
  });
});

describe('what is no authorization ends with no user and no client', () => {
  const of = (more: Partial<TokenRecord>): TokenRecord => ({
    ...{ id: 'abc.record', kind: 'signing_key', authorizationID: 'abc.own', clientID: '', subject: 'alice' },
    ...{ expiresAt: START + 600, data: null },
    ...more,
  });

  it('a record without a client stays, although it is listed for the user', async () => {
    const { tokens, store } = tokenServer();
    await store.put([of({})], START);
    assert.deepEqual(await tokens.listAuthorizations(named('alice')), []);
    assert.equal(await tokens.revokeAuthorization(named('alice'), 'abc.own'), false);
    assert.equal(await tokens.revokeAll({ user: named('alice') }), 0);
    assert.deepEqual(await store.get('abc.record', START), of({}));
  });

  it('a record of another kind among the versions of a registered client does not hide it', async () => {
    const { store, records, client } = await filled();
    const { subject } = records.find(({ kind }) => kind === 'registered_client') ?? {};
    await store.put([of({ kind: 'access_token', clientID: 'client', subject })], START);
    const reversed: TokenStore = { ...store, list: async (...args) => (await store.list(...args)).toReversed() };
    const clients = registeredClients(reversed, { now });
    const { client_id: id } = client;
    assert.equal(((await clients.find(id)) || undefined)?.client_id, id);
    await clients.remove(id);
    assert.equal(await clients.find(id), undefined);
    assert.ok(await store.get('abc.record', START));
  });
});
