/** An authorization server whose clients ask for details of a few types, its endpoints, and an API. */
import { isDeepStrictEqual } from 'node:util';
import type { Middleware } from 'koa';
import {
  type AuthorizationDetail,
  type AuthorizationDetailsOptions,
  authorizationDetails,
  type DetailType,
  introspection,
  metadata,
} from 'koauthorize';
import request, { type Response, type Test } from 'supertest';
import {
  type App,
  authenticateClient,
  browser,
  CLIENT,
  exchangeCode,
  ISSUER,
  type Params,
  redirected,
  tokenRequest,
} from './authorization-server.js';
import { type PluggedSetup, pluggedServer } from './plugged-server.js';

export interface Payment extends AuthorizationDetail {
  readonly instructedAmount: { readonly currency: string; readonly amount: string };
  readonly creditorName: string;
}

interface Accounts extends AuthorizationDetail {
  readonly accounts?: readonly string[];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

export function isPayment(detail: AuthorizationDetail): detail is Payment {
  const { currency, amount } = Object(detail['instructedAmount']) as Record<string, unknown>;
  return isText(detail['creditorName']) && isText(currency) && isText(amount);
}

const payment: DetailType<App, Payment> = {
  required: ['instructedAmount', 'creditorName'],
  optional: ['locations', 'actions', 'remittance'],
  validate: (detail) => isPayment(detail) && detail.instructedAmount.currency === 'EUR',
};

/** RFC 9396 §7.1: the user chooses the accounts. */
const accounts: DetailType<App, Accounts> = {
  optional: ['locations', 'actions', 'datatypes', 'privileges', 'identifier'],
  validate: () => true,
  enriches(asked, { accounts: chosen, ...rest }) {
    return isDeepStrictEqual(rest, asked) && chosen?.every(isText) === true;
  },
};

/** RFC 9396 §6.1: to this API, write includes read. */
const files: DetailType<App> = {
  required: ['actions'],
  validate: () => true,
  covers: ({ actions: granted = [] }, { actions: asked = [] }) =>
    asked.every((action) => granted.includes(action) || (action === 'read' && granted.includes('write'))),
};

const jobs: DetailType<App> = {
  required: ['identifier'],
  validate: () => true,
  clientMayHave: ({ identifier }, { client_id }) => client_id === CLIENT.client_id && identifier === 'nightly',
};

/** RFC 9396 §7.1: the server may add whatever it likes. */
const notes: DetailType<App> = { optional: ['identifier'], validate: () => true, enriches: () => true };

export const TYPES = { payment, accounts, files, jobs, notes } as AuthorizationDetailsOptions<App>['types'];

export const PAYMENT: Payment = {
  type: 'payment',
  instructedAmount: { currency: 'EUR', amount: '123.50' },
  creditorName: 'Merchant A',
};
export const ACCOUNTS: AuthorizationDetail = {
  type: 'accounts',
  actions: ['list', 'balances', 'transactions'],
  locations: ['https://api.example/accounts'],
};

/** As the parameter has them. */
export const json = (...details: readonly unknown[]): string => JSON.stringify(details);

export interface DetailsSetup extends PluggedSetup {
  readonly details?: Partial<AuthorizationDetailsOptions<App>>;
}

export function detailsServer({ details, plugs = [], options, ...setup }: DetailsSetup = {}) {
  const clients = setup.clients ?? [CLIENT];
  const find = (id: string) => clients.find(({ client_id }) => client_id === id);
  let introspect: Middleware;
  const made = pluggedServer({
    ...setup,
    plugs: [...plugs, authorizationDetails<App>({ types: TYPES, ...details })],
    options: { issuer: ISSUER, clients: { find }, ...options },
    plug(server, tokens) {
      introspect = server.endpoint(introspection(tokens.introspect));
      setup.plug?.(server, tokens);
    },
    routes(router, server) {
      const authenticate = authenticateClient(clients);
      router.post('/introspect', authenticate, introspect);
      if (server.core.routes.has('pushed_authorization_request'))
        router.post('/par', authenticate, server.route('pushed_authorization_request'));
      router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata()));
      setup.routes?.(router, server);
    },
  });
  const { app } = made;
  const post = (path: string, params: object): Test =>
    request(app.callback()).post(path).auth(CLIENT.client_id, `${CLIENT.client_id}-secret`).type('form').send(params);
  const code = async (params: Params, user = 'alice'): Promise<string | undefined> =>
    (await browser(app, user).allow(params))['code'];
  return {
    ...made,
    post,
    code,
    ask: (params: object): Test => tokenRequest(app, params),
    /** The page that a request leads to. */
    dialog: (params: Params): Test => browser(app).authorize(params),
    /** The error that a request leads to, or nothing. */
    refusal: async (params: Params): Promise<string | undefined> =>
      redirected(await browser(app).authorize(params))['error'],
    redeem: async (params: Params, more: object = {}): Promise<Response> => exchangeCode(app, await code(params), more),
    introspect: async (token: string) => (await post('/introspect', { token }).expect(200)).body,
    metadata: async () =>
      (await request(app.callback()).get('/.well-known/oauth-authorization-server').expect(200)).body,
  };
}
