/** What is asked of an authorization server and of an API, over HTTP, whose round trips are counted. */
import { grant, pushedRequests } from 'koauthorize';
import { storedTransactions, type TokenStore, tokenService } from 'koauthorize/tokens';
import { type App, authorizationServer, browser, CLIENT, type User } from '../../support/authorization-server.js';
import { CONFIDENTIAL } from '../../support/client-auth.js';
import { deviceServer } from '../../support/device-server.js';
import { clientKey } from '../../support/dpop.js';
import { dpopServer, SERVICE } from '../../support/dpop-server.js';
import { pushingServer } from '../../support/pushing-server.js';
import { API, type TokenSetup, tokenServer, WORKER } from '../../support/token-server.js';

/** @returns what is counted; what it needs was done before. Throws where the answer is not the right one */
type Prepare = (store: TokenStore) => Promise<() => PromiseLike<unknown>>;

/** The real time, by which Redis removes what has expired. */
const now = (): number => Math.floor(Date.now() / 1000);

/** The middle of ten minutes: within 30 s of their ends, a dialog in the store of the tokens costs one more call, so that the count would depend on the time of day. */
const inTheMiddle = (): number => Math.floor(now() / 600) * 600 + 300;

function tokens(store: TokenStore, more: TokenSetup['tokens'] = {}) {
  return tokenServer({ tokens: { store, now, ...more } });
}

async function devices(store: TokenStore) {
  const server = deviceServer({ store });
  const interval = 4.5; // seconds of the span in which there is one poll
  server.clock.now = Math.ceil(now() / interval) * interval;
  const { body } = await server.begin().expect(200);
  const alice = server.person();
  const allow = async () => {
    const { body: dialog } = await alice.type(body.user_code).expect(200);
    return () => alice.decide(dialog.id).expect(200);
  };
  return { ...server, allow, poll: () => server.poll(body.device_code) };
}

function pushing(store: TokenStore) {
  const server = pushingServer({ plugs: [pushedRequests()], store });
  server.clock.now = now();
  return server;
}

async function proving(store: TokenStore) {
  const server = dpopServer({ tokens: { store }, sharesReplays: true });
  server.clock.now = now();
  const key = await clientKey();
  return { ...server, key };
}

/** A browser whose dialogs wait in the store of the tokens, so many of them. */
async function browserWith(store: TokenStore, count: number) {
  const service = tokenService<App, User>({ store, now });
  const { app } = authorizationServer({
    session: false,
    options: { now: inTheMiddle, transactions: storedTransactions(store, { now: inTheMiddle }) },
    plug: (server) => void server.grant(grant.code(service.code)),
  });
  const visitor = browser(app);
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await visitor.authorize().expect(200)).body.transactionID);
  return { ...visitor, ids };
}

/** A user with so many authorizations. */
async function userWith(store: TokenStore, count: number) {
  const server = tokens(store);
  const user: User = { id: `user ${Math.random()}`, name: '' };
  for (let i = 0; i < count; i++) await server.connect({}, user.id);
  return { ...server, user };
}

const MANY = 10;

export const OPERATIONS: Readonly<Record<string, Prepare>> = {
  'dialog and decision: a code is issued': async (store) => {
    const { authorize } = tokens(store);
    return () => authorize();
  },
  'dialog in the store of the tokens: begin': async (store) => {
    const { authorize } = await browserWith(store, 2);
    return () => authorize().expect(200);
  },
  'dialog in the store of the tokens: the ninth, which replaces the oldest': async (store) => {
    const { authorize } = await browserWith(store, 8);
    return () => authorize().expect(200);
  },
  'dialog in the store of the tokens: decision, a code is issued, and the answer is kept': async (store) => {
    const { decide, ids } = await browserWith(store, 2);
    return () => decide(ids[0]).expect(303);
  },
  'code exchanged for tokens': async (store) => {
    const { authorize, redeem } = tokens(store);
    const code = await authorize();
    return () => redeem(code).expect(200);
  },
  'code that was used before': async (store) => {
    const { authorize, redeem } = tokens(store);
    const code = await authorize();
    await redeem(code).expect(200);
    return () => redeem(code).expect(400);
  },
  refresh: async (store) => {
    const { connect, refresh } = tokens(store);
    const { refresh_token } = await connect();
    return () => refresh(refresh_token).expect(200);
  },
  'refresh again within the grace window': async (store) => {
    const { connect, refresh } = tokens(store);
    const { refresh_token } = await connect();
    await refresh(refresh_token).expect(200);
    return () => refresh(refresh_token).expect(200);
  },
  'replay of a used refresh token': async (store) => {
    const { connect, refresh } = tokens(store, { grace: 0 });
    const { refresh_token } = await connect();
    await refresh(refresh_token).expect(200);
    return () => refresh(refresh_token).expect(400);
  },
  'client credentials': async (store) => {
    const { request } = tokens(store);
    return () => request({ grant_type: 'client_credentials' }, WORKER).expect(200);
  },
  'client credentials with a DPoP proof': async (store) => {
    const { credentials, proof, key } = await proving(store);
    const sent = await proof(key);
    return () => credentials(sent).expect(200);
  },
  'API call: verify': async (store) => {
    const { connect, tokens: service } = tokens(store);
    const { access_token } = await connect();
    return async () => {
      if (!(await service.verify(access_token))) throw new Error('The token was refused');
    };
  },
  'API call with a DPoP proof, used proofs in the store': async (store) => {
    const { credentials, proof, proofOf, ask, key } = await proving(store);
    const { body } = await credentials(await proof(key), SERVICE).expect(200);
    const sent = await proofOf(key, body.access_token);
    return () => ask(`DPoP ${body.access_token}`, sent).expect(200);
  },
  'introspection of an access token': async (store) => {
    const { connect, introspect } = tokens(store);
    const { access_token } = await connect();
    return () => introspect(access_token, API).expect(200, /"active":true/);
  },
  'introspection of a refresh token': async (store) => {
    const { connect, introspect } = tokens(store);
    const { refresh_token } = await connect();
    return () => introspect(refresh_token).expect(200, /"active":true/);
  },
  'revocation of an access token': async (store) => {
    const { connect, revoke } = tokens(store);
    const { access_token } = await connect();
    return () => revoke(access_token).expect(200);
  },
  'revocation of a refresh token, with its authorization': async (store) => {
    const { connect, revoke } = tokens(store);
    const { refresh_token } = await connect();
    return () => revoke(refresh_token).expect(200);
  },
  [`list of a user’s ${MANY} authorizations`]: async (store) => {
    const { tokens: service, user } = await userWith(store, MANY);
    return async () => {
      if ((await service.listAuthorizations(user)).length !== MANY) throw new Error('The list is wrong');
    };
  },
  [`revocation of all authorizations of a user: ${MANY}`]: async (store) => {
    const { tokens: service, user } = await userWith(store, MANY);
    return async () => {
      if ((await service.revokeAll({ user })) !== MANY) throw new Error('Not all were revoked');
    };
  },
  'device: begin': async (store) => {
    const { begin } = await devices(store);
    return () => begin({}, CLIENT).expect(200);
  },
  'device: poll that comes too early': async (store) => {
    const { poll } = await devices(store);
    await poll().expect(400, /authorization_pending/);
    return () => poll().expect(400, /slow_down/);
  },
  'device: poll while the user has not decided': async (store) => {
    const { poll } = await devices(store);
    return () => poll().expect(400, /authorization_pending/);
  },
  'device: decision of the user': async (store) => {
    const { allow } = await devices(store);
    return allow();
  },
  'device: poll that gets the tokens': async (store) => {
    const { allow, poll } = await devices(store);
    const decide = await allow();
    await decide();
    return () => poll().expect(200);
  },
  'pushed request: push': async (store) => {
    const { push } = pushing(store);
    return () => push().expect(201);
  },
  'pushed request: the browser opens it': async (store) => {
    const { uriOf, visitor } = pushing(store);
    const query = { client_id: CONFIDENTIAL.client_id, request_uri: await uriOf() };
    const { open } = visitor();
    return () => open(query).expect(200);
  },
  'pushed request: decision, which uses it up': async (store) => {
    const { uriOf, visitor } = pushing(store);
    const { open, decide } = visitor();
    const { body } = await open({ client_id: CONFIDENTIAL.client_id, request_uri: await uriOf() }).expect(200);
    return () => decide(body.transactionID).expect(303);
  },
};
