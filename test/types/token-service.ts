/** Compiled, never run: what fits into which slot of the token service, and what must not. */
import { type Authorization, createServer, exchange, grant, introspection, jwks, revocation } from 'koauthorize';
import {
  generateSigningKey,
  type Introspection,
  jwt,
  keySet,
  opaque,
  type TokenStore,
  tokenService,
  type VerifiedToken,
} from 'koauthorize/tokens';

interface App {
  readonly id: number;
  readonly redirects: readonly string[];
}

interface User {
  readonly login: string;
}

declare const store: TokenStore;

const server = createServer<App, User>({
  clientID: ({ id }) => String(id),
  redirectURIs: ({ redirects }) => redirects,
});
const keys = await keySet({ signing: await generateSigningKey('EdDSA') });
const tokens = tokenService<App, User>({
  store,
  clientID: ({ id }) => String(id),
  subject: ({ login }) => login,
  lifetimes: ({ id }) => (id > 1000 ? { code: 30 } : {}),
  refreshTokens: ({ id }, { scope, subject, authorizationID }) =>
    id > 0 && scope.includes('offline') && subject !== authorizationID,
  clientScope: ({ id }) => [`app:${id}`],
  authenticate: (username, _password, { id }) => id > 0 && { login: username },
  accessTokens: jwt({ issuer: 'https://as.example', audience: ['https://api.example'], keys }),
});

// every member fits the slot of its name
server
  .grant(grant.code(tokens.code))
  .grant(grant.token(tokens.token))
  .exchange(exchange.code(tokens.code))
  .exchange(exchange.refreshToken(tokens.refreshToken))
  .exchange(exchange.clientCredentials(tokens.clientCredentials))
  .exchange(exchange.password(tokens.password));
server.endpoint(introspection(tokens.introspect, { resourceServer: ({ id }) => id === 1 }));
server.endpoint(revocation(tokens.revoke));
server.endpoint(jwks(keys));

// and no other
// @ts-expect-error a code needs redeeming
exchange.code(tokens.clientCredentials);
// @ts-expect-error a refresh token is no code
grant.code(tokens.refreshToken);
// @ts-expect-error other clients
createServer<{ readonly name: string }>().endpoint(introspection<App>(tokens.introspect));
// @ts-expect-error keys are published, not signed with
jwks(tokens);

// what cannot be, does not compile
const said: Introspection = await tokens.introspect('token');
if (said.active) {
  const exp: number = said.exp;
  void exp;
} else {
  // @ts-expect-error of what is inactive nothing is said
  void said.client_id;
}
// @ts-expect-error inactive, and nothing else
const told: Introspection = { active: false, client_id: 'client' };
void told;

const verified: VerifiedToken | undefined = await tokens.verify('token');
// @ts-expect-error it may not count
void verified.clientID;

// events say what they are of, and have no secrets to say
tokens.events.on('issued', ({ at, clientID, kinds, scope }) => {
  const line: readonly [number, string, string | undefined, readonly string[]] = [at, clientID, kinds[0], scope];
  void line;
});
tokens.events.on('denied', ({ kind, reason }) => void [kind === 'code', reason.length]);
tokens.events.on('introspected', ({ active }: { readonly active: boolean }) => void active);
// @ts-expect-error a token is in no event
tokens.events.on('issued', ({ token }) => void token);
// @ts-expect-error nor is there an event of that name
tokens.events.on('stolen', () => {});

tokenService({ store, accessTokens: opaque(), lifetimes: { code: 10 }, grace: 0, timeout: 1, now: () => 0 });
// @ts-expect-error a store is needed
tokenService({});
// @ts-expect-error lifetimes are numbers
tokenService({ store, lifetimes: { code: '60 s' } });
// @ts-expect-error a policy decides now
tokenService({ store, refreshTokens: async () => true });
// @ts-expect-error not one of ours
generateSigningKey('HS256');
// @ts-expect-error issuer and audience are needed
jwt({ keys });

declare const authorization: Authorization;
// @ts-expect-error what is redeemed says which act it was of
void tokens.refreshToken.issue(authorization, {} as never);
