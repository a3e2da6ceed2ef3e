/** Compiled, never run: mistakes that do not compile, one to a line. */
import Router from '@koa/router';
import {
  type Authorization,
  type AuthorizationRequest,
  type BackchannelDecision,
  type Client,
  createServer,
  exchange,
  grant,
  type OAuth2State,
  type PKCEOptions,
  pkce,
  type ResponseMode,
  sessionTransactions,
  type Transaction,
} from 'koauthorize';
import { ClientStrategy, clientAuthentication, none } from 'koauthorize/client-auth';
import { bearer } from 'koauthorize/resource-server';
import { memoryStore, tokenService } from 'koauthorize/tokens';
import { type OptionNames, requireKnown } from '../../lib/options.js';

interface App extends Client {
  readonly name: string;
}

interface User {
  readonly id: string;
}

interface Other {
  readonly id: string;
}

declare const app: App;
declare const authorization: Authorization;
const server = createServer<App, User>();
const validate = (_id: string, uri: string | undefined) => [app, uri] as const;

// -- callbacks of a wrong shape -----------------------------------------------------------------------------------------

// @ts-expect-error of one parameter, it would be given the whole request
server.authorization((clientID: string) => [app, clientID]);
// @ts-expect-error the same, with options
server.authorization({}, (clientID: string) => [app, clientID]);
// @ts-expect-error a client alone is no answer
server.authorization((_id, _uri) => app);
// @ts-expect-error not one of this server's clients
server.authorization((id, uri) => [{ id }, uri]);
// @ts-expect-error the redirect URI comes second
server.authorization((_id, uri) => [uri, app]);
// @ts-expect-error oauth2orize's done is gone
server.authorization((_id: string, _uri: string | undefined, done: (error: null, client: App) => void) =>
  done(null, app),
);
// @ts-expect-error of one parameter, it would be given the transaction
server.authorization(validate, (client: App) => client.name === '');
// @ts-expect-error the same after options
server.resume({}, (client: App) => client.name === '');
// @ts-expect-error the answer is a boolean
server.resume((_client, _user) => 'yes');
// @ts-expect-error a member that nothing reads: all that was asked for would be allowed
export const unread: BackchannelDecision<User> = { user: { id: 'alice' }, allow: true, scopes: ['openid'] };
// @ts-expect-error the same of what an extension reads
export const untyped: BackchannelDecision<User> = { user: { id: 'alice' }, allow: true, authorizationDetails: 'none' };
// @ts-expect-error allow comes first
server.resume((_client, _user) => [{ seen: 1 }, true]);
// @ts-expect-error parse gives an object
server.decision(() => true);
// @ts-expect-error allow is a boolean
server.decision(() => ({ allow: 'yes' }));
// @ts-expect-error complete stands third, after options
server.decision(undefined, (_ctx, txn: Transaction<App, User>) => console.log(txn));
// @ts-expect-error a code is a string
server.grant(grant.code((client) => client));
// @ts-expect-error the checked form issues
server.grant(grant.code({ redeem: () => 'code' }));
// @ts-expect-error a code is no token response
server.grant(grant.code({ issue: () => ({ access_token: 'x' }) }));
// @ts-expect-error tokens are an object in the checked form
server.grant(grant.token({ issue: () => 'token' }));
// @ts-expect-error the user comes third
server.grant(grant.code((_client: App, _user: User) => 'code'));
// @ts-expect-error the code comes second
server.exchange(exchange.code((_client: App, code: number) => `${code}`));
// @ts-expect-error true is no token
server.exchange(exchange.code(() => true));
// @ts-expect-error the checked form redeems before it issues
server.exchange(exchange.code({ issue: () => ({ access_token: 'x' }) }));
// @ts-expect-error what redeem gives is an Authorization
server.exchange(exchange.code({ redeem: () => ({ clientID: 'x' }), issue: () => ({ access_token: 'x' }) }));
// @ts-expect-error a response has an access token
server.exchange(exchange.code({ redeem: () => authorization, issue: () => ({ token: 'x' }) }));
// @ts-expect-error a serialized client is found, not told
server.deserializeClient((id) => id);

// -- misspelt -----------------------------------------------------------------------------------------------------------

// @ts-expect-error parse
server.extend({ name: 'x', authorization: { prase() {} } });
// @ts-expect-error check
server.extend({ name: 'x', token: { chekc() {} } });
// @ts-expect-error authorization
server.extend({ name: 'x', autorization: {} });
// @ts-expect-error scopeSeparator
server.grant(grant.code({ scopeSeperator: ',' }, () => 'code'));
// @ts-expect-error idLength
server.authorization({ idLenght: 30 }, (_id, uri) => [app, uri]);
// @ts-expect-error cancelField
server.decision({ cancelFeild: 'no' });
// @ts-expect-error userProperty
server.token({ userPropety: 'client' });
// @ts-expect-error direct
server.errorHandler({ mode: 'driect' });
// @ts-expect-error clientID
createServer<Other, User>({ clientId: (client: Other) => client.id });
// @ts-expect-error response
server.grant('code', 'respond', () => {});

// -- what a type is for -------------------------------------------------------------------------------------------------

declare const mode: ResponseMode;
declare const ctx: Parameters<ResponseMode['send']>[0];
// @ts-expect-error a string is no trusted redirect URI
mode.send(ctx, 'https://client.example/callback', {});
// @ts-expect-error nor does a transaction of the application's own make it one
export const transaction: Transaction<App, User> = { client: app, redirectURI: 'x', req: {} as AuthorizationRequest };
// @ts-expect-error clients of another shape need the option clientID
createServer<Other, User>();
// @ts-expect-error and it cannot be among the ones left out
createServer<Other, User>({ redirectURIs: () => [] });
// @ts-expect-error and so does client authentication
clientAuthentication<Other>({ find: () => undefined, methods: [none()] });
// @ts-expect-error as a strategy, too
new ClientStrategy<Other>({ find: () => undefined, methods: [none()] });
// @ts-expect-error and the token service
tokenService<Other, User>({ store: memoryStore() });
// @ts-expect-error a grant for another server's clients
server.grant(grant.code<Other, User>((client) => client.id));
// @ts-expect-error an exchange for another server's clients
server.exchange(exchange.code<Other>((client) => client.id));
server.authorization((_id, _uri, _scope, _type, areq) => {
  // @ts-expect-error areq is read-only
  areq.scope = [];
  return [app];
});

const router = new Router<OAuth2State<App, User>>();
// @ts-expect-error the client has no such member
router.get('/authorize', (ctx) => ctx.state.oauth2.client.nmae);
// @ts-expect-error nor has the user
router.get('/authorize', (ctx) => ctx.state.user?.nmae);

// -- misspelt options ---------------------------------------------------------------------------------------------------

// @ts-expect-error allowMissing
pkce({ allowMising: () => true });
// @ts-expect-error token
createServer<App, User>({ endpoints: { tokens: '/token' } });
// @ts-expect-error accessToken
tokenService<App, User>({ store: memoryStore(), lifetimes: { acessToken: 60 } });
// @ts-expect-error max
memoryStore({ maximum: 10 });
// @ts-expect-error find
clientAuthentication<App>({ fnid: () => undefined, methods: [none()] });
// @ts-expect-error none takes no options
none({ allow: true });
// @ts-expect-error sessionTransactions takes no options
sessionTransactions({ sessionKey: 'x' });
// @ts-expect-error realm
bearer({ verify: () => undefined, relm: 'API' });

// -- the lists that options are compared with ---------------------------------------------------------------------------

// @ts-expect-error a name is missing
export const missing: OptionNames<PKCEOptions> = { allowPlain: true };
// @ts-expect-error a name is misspelt
export const misspelt: OptionNames<PKCEOptions> = { allowPlain: true, allowMising: true };
// @ts-expect-error the same in a call
requireKnown<PKCEOptions>({}, { allowPlain: true, allowMissing: true, more: true }, 'pkce');
