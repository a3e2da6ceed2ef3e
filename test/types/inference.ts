/** Compiled, never run: what the compiler infers without an annotation. */
import Router from '@koa/router';
import type { Context } from 'koa';
import {
  type Authorization,
  type AuthorizationRequest,
  type Check,
  type Client,
  createServer,
  type Decision,
  exchange,
  grant,
  issuer,
  type Locals,
  metadata,
  type OAuth2State,
  pkce,
  type RedirectURI,
  type Scope,
  type Server,
  type TokenRequest,
  type Transaction,
} from 'koauthorize';

/** Compiles only when the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function is<Expected>() {
  return <Actual>(_value: Actual, _same: Same<Actual, Expected>): void => {};
}

interface App extends Client {
  readonly name: string;
}

interface User {
  readonly id: string;
  readonly age: number;
}

declare const app: App;
const server = createServer<App, User>();

// -- validate -----------------------------------------------------------------------------------------------------------

server.authorization((id, uri) => {
  is<string>()(id, true);
  is<string | undefined>()(uri, true);
  return [app, uri];
});
server.authorization(async (_id, _uri, scope) => {
  is<Scope | undefined>()(scope, true);
  return scope ? [app] : false;
});
server.authorization((_id, _uri, _scope, type) => {
  is<string>()(type, true);
  return null;
});
server.authorization({ idLength: 40 }, async (_id, _uri, _scope, _type, areq) => {
  is<AuthorizationRequest>()(areq, true);
  is<string | undefined>()(areq.codeChallenge, true);
  return [app, areq.redirectURI, 'https://client.example'];
});
server.authorization((areq: AuthorizationRequest) => [app, areq.redirectURI]);
server.authorization(() => false);

// -- immediate, complete, resume, decision -------------------------------------------------------------------------------

const validate = (_id: string, uri: string | undefined) => [app, uri] as const;

server.authorization(
  validate,
  (client, user, scope, type, areq, locals) => {
    is<App>()(client, true);
    is<User>()(user, true);
    is<Scope | undefined>()(scope, true);
    is<string>()(type, true);
    is<AuthorizationRequest>()(areq, true);
    is<Locals | undefined>()(locals, true);
    return [user.age > 18, { seen: 1 }, { theme: 'dark' }];
  },
  (ctx, txn) => {
    is<Context>()(ctx, true);
    is<Transaction<App, User>>()(txn, true);
  },
);
server.authorization({}, validate, async (client, user) => client.name === user.id);
server.authorization(validate, () => [true, { scope: ['read'] }]);
server.authorization(validate, (txn: Transaction<App, User>) => [txn.client.name === '', txn.user?.age]);
server.resume((client, user) => client.name === user.id);
server.resume({ sessionKey: 'mine' }, async () => [false, { step: 2 }, { theme: 'dark' }]);
server.decision();
server.decision((ctx) => {
  is<Context>()(ctx, true);
  return { scope: 'read write', allow: true, remember: 1 };
});
server.decision(
  { cancelField: 'no', loadTransaction: false },
  async () => [{ scope: ['read'] }, { theme: 'dark' }],
  async (_ctx, txn) => {
    is<User | undefined>()(txn.user, true);
    is<RedirectURI>()(txn.redirectURI, true);
  },
);

// -- grants -------------------------------------------------------------------------------------------------------------

server.grant(
  grant.code((client, redirectURI, user, ares, areq, locals, authorization) => {
    is<App>()(client, true);
    is<string | undefined>()(redirectURI, true);
    is<User>()(user, true);
    is<Decision>()(ares, true);
    is<AuthorizationRequest>()(areq, true);
    is<Locals | undefined>()(locals, true);
    is<Authorization>()(authorization, true);
    return client.name;
  }),
);
server.grant(grant.code({ scopeSeparator: [' ', ','] }, async (_client, _uri, user) => user.age > 18 && user.id));
server.grant(
  grant.code(
    {
      issue: async (txn, authorization) => {
        is<Transaction<App, User>>()(txn, true);
        is<Authorization>()(authorization, true);
        return txn.client.name;
      },
    },
    (txn) => ({ session_state: txn.user?.id }),
  ),
);
server.grant(grant.token((client, user) => [client.name, { expires_in: user.age }]));
server.grant(grant.token({ issue: (txn) => ({ access_token: txn.client.name, expires_in: 60 }) }));
server.grant('code token');

// -- exchanges ----------------------------------------------------------------------------------------------------------

server.exchange(
  exchange.code((client, code, redirectURI, body, authInfo, check) => {
    is<App>()(client, true);
    is<string>()(code, true);
    is<string | undefined>()(redirectURI, true);
    is<Readonly<Record<string, string>>>()(body, true);
    is<unknown>()(authInfo, true);
    is<Check>()(check, true);
    return ['token', 'refresh', { expires_in: 60 }];
  }),
);
server.exchange(
  exchange.code({
    async redeem(code, request) {
      is<string>()(code, true);
      is<TokenRequest<App>>()(request, true);
      is<string | undefined>()(request.codeVerifier, true);
      return undefined as Authorization | undefined;
    },
    issue(authorization, request) {
      is<Authorization>()(authorization, true);
      is<TokenRequest<App>>()(request, true);
      return { access_token: 'token', id_token: 'jwt' };
    },
  }),
);

/** What an application keeps with an authorization comes back to `issue`. */
interface Kept extends Authorization {
  readonly userID: string;
}
declare const kept: Kept;
server.exchange(
  exchange.code({
    redeem: (_code: string) => kept,
    issue: ({ userID }) => ({ access_token: userID }),
  }),
);
server.exchange(
  exchange.refreshToken({
    redeem: async (_token: string) => kept,
    issue: async ({ userID }, { scope }) => ({ access_token: userID, scope: scope?.join(' ') }),
  }),
);
server.exchange(exchange.refreshToken((client, token, scope) => [client.name, token, { scope: scope?.join(' ') }]));
server.exchange(exchange.clientCredentials((client, scope) => (scope ? client.name : false)));
server.exchange(exchange.clientCredentials({ issue: ({ client }) => ({ access_token: client.name }) }));
server.exchange(
  exchange.password({ scopeSeparator: ',' }, async (client, name, password) => client.name + name + password),
);
server.exchange('foo', (ctx, next) => (ctx.status === 404 ? next() : undefined));

// -- the rest -----------------------------------------------------------------------------------------------------------

server
  .extend(pkce({ allowMissing: (client: App) => client.name === 'old' }))
  .extend(pkce())
  .extend(issuer('https://as.example'))
  .extend({
    name: 'mine',
    authorization: {
      parse: ({ params, client, request }) => (params.has('x') && client.name === request.clientID ? {} : undefined),
      respond: (txn) => ({ x: txn.user?.id }),
    },
    token: { check: (authorization, request) => void (authorization.clientID === request.client.name) },
  });
server.endpoint(metadata({ token_endpoint: '/token' }));
server.serializeClient((client) => client.client_id);
server.deserializeClient((id) => {
  is<string>()(id, true);
  return app;
});
server.deserializeClient<{ readonly key: string }>(async ({ key }) => (key ? app : null));

const router = new Router<OAuth2State<App, User>>();
router.get('/authorize', server.authorization(validate), (ctx) => {
  is<App>()(ctx.state.oauth2.client, true);
  is<User | undefined>()(ctx.state.oauth2.user, true);
  is<string | undefined>()(ctx.state.oauth2.transactionID, true);
});
router.post('/decision', server.decision()).post('/token', server.token());

/** Clients and users by default, and clients of another shape. */
is<Server<Client, unknown>>()(createServer(), true);
interface Other {
  readonly id: string;
  readonly callbacks: readonly string[];
}
const other = createServer<Other, User>({
  clientID: (client) => client.id,
  redirectURIs: (client) => client.callbacks,
});
other.grant(grant.code((client, _uri, user) => client.id + user.id));
