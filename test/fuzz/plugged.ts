/** A server with everything of ours plugged in, whose callbacks are all watched. */
import {
  type Authorization,
  certificateBoundTokens,
  createServer,
  type ExchangeCode,
  exchange,
  grant,
  issuer,
  pkce,
  type Server,
  scopes,
  stepUp,
  type Transaction,
} from 'koauthorize';
import {
  clientAuthentication,
  clientSecretBasic,
  clientSecretJwt,
  clientSecretPost,
  headerCertificate,
  none,
  privateKeyJwt,
  selfSignedTlsClientAuth,
  tlsClientAuth,
} from 'koauthorize/client-auth';
import { type AccessTokens, memoryStore, type TokenService, tokenService } from 'koauthorize/tokens';
import { toParams } from '../../lib/syntax/param-map.js';
import { ISSUER, type User } from '../support/authorization-server.js';
import { CERTIFICATE_HEADER, type FuzzClient, type Registration, SCOPES, VERIFIED_HEADER } from './clients.js';
import * as is from './promises.js';

export type FuzzTokens = TokenService<FuzzClient, User>;
export type FuzzServer = Server<FuzzClient, User>;

export interface Parts {
  readonly registration: Registration;
  readonly watch: is.Watch;
  readonly accessTokens: AccessTokens;
  now(): number;
}

export const PASSWORD = "the resource owner's own password";
export const ACR = 'mfa';

/** `mfa` has logged in by more than the others. */
export const authenticationEvent = (now: () => number) => (user: User) => ({
  acr: user.id === ACR ? ACR : 'pwd',
  authenticatedAt: now() - 1000,
});

export const certificate = headerCertificate({
  name: CERTIFICATE_HEADER,
  isVerified: (ctx) => ctx.get(VERIFIED_HEADER) === 'SUCCESS',
});

export function tokensOf({ watch, accessTokens, now }: Parts): FuzzTokens {
  const authenticate = (username: string, password: string): User | undefined =>
    password === PASSWORD ? { id: `user:${username}`, name: username } : undefined;
  return tokenService<FuzzClient, User>({
    store: memoryStore(),
    now,
    accessTokens,
    authenticate: watch.over('authenticate', [is.text, is.text, is.anything], authenticate),
    authenticationEvent: authenticationEvent(now),
  });
}

/** Every method, each with its callbacks watched; a throttle, which lets everybody in. */
export function authenticationOf({ registration, watch, now }: Parts, tokens: FuzzTokens) {
  const compare = watch.over(
    'compare',
    [is.anyText, is.anything], // Basic may say that a secret is empty
    (secret: string, client: FuzzClient) => secret === client.client_secret,
  );
  const useOnce = watch.over('useOnce', [is.text, is.number], tokens.useOnce);
  const attempt = is.record({ clientID: is.text, address: is.anyText }); // Koa knows none once the client has gone
  const assertions = { issuer: ISSUER, useOnce, now };
  return clientAuthentication<FuzzClient>({
    find: watch.over('find', [is.text], registration.find),
    methods: [
      clientSecretBasic({ compare }),
      clientSecretPost({ compare }),
      none(),
      privateKeyJwt(assertions),
      clientSecretJwt(assertions),
      tlsClientAuth({ certificate }),
      selfSignedTlsClientAuth({ certificate }),
    ],
    throttle: {
      before: watch.over('throttle.before', [attempt], () => undefined),
      after: watch.over('throttle.after', [attempt, is.text], () => {}),
    },
  });
}

/** The one of the two that the grant calls. */
type Issue<R> = (txn: Transaction<FuzzClient, User>, authorization: Authorization) => Promise<R>;

function plugGrants(server: FuzzServer, { watch }: Parts, tokens: FuzzTokens): void {
  const { code, token } = tokens;
  const issued = [is.transaction, is.authorization];
  const legacyToken = watch.over(
    'grant.token',
    [is.anything, is.anything, is.anything, is.areq, is.optional(is.anything), is.authorization],
    () => ['legacy-token', { expires_in: 60 }] as const,
  );
  server
    .grant(grant.code({ issue: watch.over('grant.code', issued, code.issue as Issue<string>) }))
    .grant(grant.token({ issue: watch.over('grant.token', issued, token.issue) }))
    .grant('code token')
    .grant('legacy', grant.token<FuzzClient, User>(legacyToken))
    .grant('code legacy');
}

/** The exchanges in the checked form, and under names of their own those by callbacks, as in oauth2orize. */
function plugExchanges(server: FuzzServer, { watch }: Parts, tokens: FuzzTokens): void {
  const redeemed = [is.text, is.tokenRequest];
  const issued = [is.anything, is.tokenRequest];
  const checked = <A extends readonly unknown[], B extends readonly unknown[], R, S>(
    name: string,
    { redeem, issue }: { redeem(...args: A): R; issue(...args: B): S },
  ) => ({ redeem: watch.over(`${name}.redeem`, redeemed, redeem), issue: watch.over(`${name}.issue`, issued, issue) });
  const credentials = is.record({ username: is.text, password: is.text });
  server
    .exchange(exchange.code(checked('exchange.code', tokens.code)))
    .exchange(exchange.refreshToken(checked('exchange.refreshToken', tokens.refreshToken)))
    .exchange(
      exchange.clientCredentials({
        issue: watch.over('exchange.clientCredentials', [is.tokenRequest], tokens.clientCredentials.issue),
      }),
    )
    .exchange(
      exchange.password({
        issue: watch.over('exchange.password', [credentials, is.tokenRequest], tokens.password.issue),
      }),
    );
}

function plugCallbacks(server: FuzzServer, { watch }: Parts, tokens: FuzzTokens): void {
  const scope = is.optional(is.words);
  const redeem: ExchangeCode<FuzzClient> = async (client, code, _uri, body, _authInfo, check) => {
    const request = { grantType: 'authorization_code', client, params: toParams(new Map()), body };
    const authorization = await tokens.code.redeem(code, request);
    if (authorization) await check(authorization);
    return authorization && 'legacy-token';
  };
  const code = watch.over('exchange.code, by callback', [is.anything, is.text, is.optional(is.text), is.body], redeem);
  const client = watch.over(
    'exchange.clientCredentials, by callback',
    [is.anything, scope, is.body],
    () => 'legacy-token',
  );
  const password = watch.over(
    'exchange.password, by callback',
    [is.anything, is.text, is.text, scope, is.body],
    (_client: FuzzClient, _username: string, password: string) => password === PASSWORD && 'legacy-token',
  );
  const refresh = watch.over(
    'exchange.refreshToken, by callback',
    [is.anything, is.text, scope, is.body],
    () => false as const,
  );
  server
    .exchange('urn:legacy:code', exchange.code(code))
    .exchange('urn:legacy:client', exchange.clientCredentials(client))
    .exchange('urn:legacy:password', exchange.password(password))
    .exchange('urn:legacy:refresh', exchange.refreshToken(refresh));
}

export function serverOf(parts: Parts, tokens: FuzzTokens): FuzzServer {
  const { registration, watch, now } = parts;
  const server = createServer<FuzzClient, User>({ now });
  server.serializeClient(({ client_id }) => client_id);
  const find = watch.over('deserializeClient', [is.text], (id: string) => registration.find(id) ?? null);
  server.deserializeClient(find);
  plugGrants(server, parts, tokens);
  plugExchanges(server, parts, tokens);
  plugCallbacks(server, parts, tokens);
  return server
    .extend(pkce())
    .extend(issuer(ISSUER))
    .extend(scopes(SCOPES, { default: ['read'] }))
    .extend(stepUp<FuzzClient, User>({ authenticationEvent: authenticationEvent(now), acrValues: ['pwd', ACR], now }))
    .extend(certificateBoundTokens<FuzzClient>({ certificate }));
}
