/** The authorization server of the tests with the token service in every slot, and extensions of a test plugged in. */
import { type Extension, exchange, grant, type Plug, pkce, type Server } from 'koauthorize';
import { type TokenService, type TokenServiceOptions, type TokenStore, tokenService } from 'koauthorize/tokens';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import {
  type App,
  authorizationServer,
  browser,
  exchangeCode,
  type Params,
  type Setup,
  tokenRequest,
  type User,
} from './authorization-server.js';

export type TestPlug = Plug<App, User>;

export interface PluggedSetup extends Omit<Setup, 'plug'> {
  readonly plugs?: readonly TestPlug[];
  readonly store?: TokenStore;
  readonly tokens?: Partial<TokenServiceOptions<App, User>>;
  /** After the extensions. */
  readonly plug?: (server: Server<App, User>, tokens: TokenService<App, User>) => void;
}

export function pluggedServer({ plugs = [], store = memoryStore(), plug, tokens: more, ...setup }: PluggedSetup = {}) {
  const clock = { now: 1_767_225_600 }; // 2026-01-01
  const now = (): number => clock.now;
  const tokens = tokenService<App, User>({ store, now, ...more });
  const made = authorizationServer({
    ...setup,
    options: { tokens, now, ...setup.options },
    plug(server) {
      server
        .grant(grant.code(tokens.code))
        .grant(grant.token(tokens.token))
        .exchange(exchange.code(tokens.code))
        .exchange(exchange.refreshToken(tokens.refreshToken))
        .exchange(exchange.clientCredentials(tokens.clientCredentials))
        .extend(pkce());
      for (const one of plugs) server.extend(one);
      plug?.(server, tokens);
    },
  });
  const { app } = made;
  /** From the dialog to the tokens. */
  const connect = async (params: Params = {}, more: object = {}) => {
    const { code } = await browser(app).allow(params);
    return (await exchangeCode(app, code, more).expect(200)).body;
  };
  const refresh = (token: string, more: object = {}) =>
    tokenRequest(app, { grant_type: 'refresh_token', refresh_token: token, ...more });
  return { ...made, clock, tokens, connect, refresh };
}

/** A dialog that shows what the user must still do, and what was done. */
export const showPrompts: NonNullable<Setup['dialog']> = (ctx) => {
  const { transactionID, prompts, done, req, user } = ctx.state['oauth2'];
  ctx.body = { transactionID, prompts, done, req, user };
};

/** An extension that sees the locals of each decision. */
export function localsSeen() {
  const seen: unknown[] = [];
  const extension: Extension<App, User> = {
    name: 'localsSeen',
    authorization: {
      async decide({ locals }) {
        seen.push(locals);
      },
    },
  };
  return { seen, extension };
}
