/** Devices, users who are asked on their own device (CIBA), and exchanges, at one server. */
import type { Middleware } from 'koa';
import { backchannelAuthentication, openid, tokenExchange } from 'koauthorize';
import type { KeySet, TokenStore } from 'koauthorize/tokens';
import request, { type Test } from 'supertest';
import { type App, authenticateClient, OTHER, tokenRequest, type User } from '../support/authorization-server.js';
import { CIBA, POLLING, userNamed } from '../support/backchannel-server.js';
import { deviceServer } from '../support/device-server.js';
import { ORDERS, STOCK } from '../support/exchange-server.js';

/** How many may have acted. */
export const DEPTH = 3;

const CLIENTS = [POLLING, OTHER, ORDERS, STOCK];

export function grantsServer(store: TokenStore, keys: KeySet) {
  /** What users were asked, the newest last. */
  const asked: string[] = [];
  const ciba = backchannelAuthentication<App, User>({
    findUser: ({ loginHint = 'nobody' }) => userNamed(loginHint),
    ask: (_ctx, { id }) => asked.push(id),
    interval: 1,
    perUser: 1000,
  });
  const made = deviceServer({
    store,
    clients: CLIENTS,
    device: { interval: 1, guesses: 1000, guessesPerAddress: 1_000_000 },
    plugs: [openid<App, User>(), tokenExchange({ allow: () => ({}), maxDepth: DEPTH }), ciba],
    options: { keys },
    routes(router, server) {
      const begins = server.route('backchannel_authentication') as Middleware;
      router.post('/backchannel_authentication', authenticateClient(CLIENTS), begins);
      router.post('/app/decide/:id', async (ctx) => {
        const { user, allow } = JSON.parse(ctx.get('X-Decision')) as { user: string; allow: boolean };
        ctx.body = { page: await ciba.decide(ctx, String(ctx.params['id']), { user: userNamed(user), allow }) };
      });
    },
  });
  const callback = made.app.callback();
  return {
    ...made,
    /** A client has a user asked. */
    async ask(user: string): Promise<{ authReqID: string; id: string; expires_in: number }> {
      const { body } = await request(callback)
        .post('/backchannel_authentication')
        .auth(POLLING.client_id, `${POLLING.client_id}-secret`)
        .type('form')
        .send({ scope: 'openid read', login_hint: user })
        .expect(200);
      return { authReqID: body.auth_req_id, id: asked.at(-1) ?? '', expires_in: body.expires_in };
    },
    /** What a user says on their own device. */
    answer: (id: string, user: string, allow: boolean): Test =>
      request(callback)
        .post(`/app/decide/${encodeURIComponent(id)}`)
        .set('X-Decision', JSON.stringify({ user, allow })),
    pollAsked: (authReqID: string): Test =>
      tokenRequest(made.app, { grant_type: CIBA, auth_req_id: authReqID }, POLLING),
  };
}
