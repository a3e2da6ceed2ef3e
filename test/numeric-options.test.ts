/**
 * Options that are numbers. What `Number(process.env.X)` makes of a variable that is not set is NaN: whatever is compared with it is false, so that nothing
 * would expire, and what was used once could be used again. A text is appended where a time is added to it.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as oauth from 'koauthorize';
import * as auth from 'koauthorize/client-auth';
import * as examining from 'koauthorize/doctor';
import * as profile from 'koauthorize/profile/mcp';
import * as api from 'koauthorize/resource-server';
import * as testing from 'koauthorize/testing';
import * as service from 'koauthorize/tokens';
import { requireCount, requireSeconds } from '../lib/options.js';
import { root } from './run.js';
import { tokenServer, WORKER } from './support/token-server.js';

/** As plain JavaScript sees it. */
// biome-ignore lint/suspicious/noExplicitAny: what does not compile is what is tried here
type Any = any;
const [core, clients, resources, tests, tokens, mcp, doctor]: Any[] = [
  ...[oauth, auth, api, testing, service, profile, examining],
];

const issuer = 'https://as.example';
const store = service.memoryStore();
const found = async () => undefined;
const useOnce = () => true;
const server: Any = oauth.createServer({ issuer });
const attacked = { issuer, client: { client_id: 'web', redirect_uri: 'https://web.example/' }, login: () => {} };
const trusted = { jwksURI: 'https://idp.example/jwks' };
const ciba = (more: object) => core.backchannelAuthentication({ findUser: found, ask: found, ...more });
const tokensWith = (more: object) => tokens.tokenService({ store, ...more });
const exchanging = (more: object) =>
  core.jwtBearer({ authorize: found, issuers: { 'https://idp.example': trusted }, ...more });

/** Each numeric option, and the calls that take it. */
const OPTIONS: Readonly<Record<string, (options: Any) => unknown>> = {
  'AssertionOptions.maxLifetime': (options) => clients.privateKeyJwt({ issuer, useOnce, ...options }),
  'AssertionOptions.skew': (options) => clients.clientSecretJwt({ issuer, useOnce, ...options }),
  'AttackTarget.grace': (options) => tests.runAttacks({ ...attacked, ...options }, { only: [] }),
  'AuthenticationRequirement.maxAge': (options) => resources.requireAuthentication(options),
  'AuthorizationOptions.idLength': (options) => server.authorization(options, found),
  'BackchannelAuthenticationOptions.interval': ciba,
  'BackchannelAuthenticationOptions.lifetime': ciba,
  'BackchannelAuthenticationOptions.maxLifetime': ciba,
  'BackchannelAuthenticationOptions.perUser': ciba,
  'BackchannelAuthenticationOptions.userCodeGuesses': ciba,
  'CacheOptions.cache': (options) =>
    resources.introspectionVerifier({ endpoint: issuer, clientID: 'a', clientSecret: 'b', ...options }),
  'CacheOptions.cacheSize': (options) =>
    resources.introspectionVerifier({ endpoint: issuer, clientID: 'a', clientSecret: 'b', ...options }),
  'ClientIDMetadataOptions.atOnce': (options) => core.clientIDMetadata(options),
  'ClientIDMetadataOptions.fetchTimeout': (options) => core.clientIDMetadata(options),
  'ClientIDMetadataOptions.leastAge': (options) => core.clientIDMetadata(options),
  'ClientIDMetadataOptions.mostAge': (options) => core.clientIDMetadata(options),
  'ClientIDMetadataOptions.mostDocuments': (options) => core.clientIDMetadata(options),
  'ClientIDMetadataOptions.perHostAndMinute': (options) => core.clientIDMetadata(options),
  'ClientIDMetadataOptions.rememberedFor': (options) => core.clientIDMetadata(options),
  'ClientIDMetadataOptions.staleAge': (options) => core.clientIDMetadata(options),
  'ClientIDMetadataOptions.usualAge': (options) => core.clientIDMetadata(options),
  'ClientRegistrationOptions.secretLifetime': (options) =>
    core.clientRegistration({ clients: oauth.registeredClients(store), allowAnyone: true, ...options }),
  'ClientRegistrationOptions.unusedLifetime': (options) =>
    core.clientRegistration({ clients: oauth.registeredClients(store), allowAnyone: true, ...options }),
  'DeviceAuthorizationOptions.guesses': (options) => core.deviceAuthorization(options),
  'DeviceAuthorizationOptions.guessesPerAddress': (options) => core.deviceAuthorization(options),
  'DeviceAuthorizationOptions.interval': (options) => core.deviceAuthorization(options),
  'DeviceAuthorizationOptions.lifetime': (options) => core.deviceAuthorization(options),
  'DeviceAuthorizationOptions.publicPerMinute': (options) => core.deviceAuthorization(options),
  'DiagnoseOptions.timeout': (options) => doctor.diagnose({ url: issuer }, options),
  'FetchJWKSOptions.fetchTimeout': (options) => {
    const calls = [core.requestObjects, clients.selfSignedTlsClientAuth, exchanging, ciba];
    const errors = calls.map((call) => errorOf(() => call(options)));
    errors.push(errorOf(() => clients.privateKeyJwt({ issuer, useOnce, ...options })));
    if (errors.every((error) => error instanceof TypeError)) throw errors[0];
  },
  'FetchOptions.timeout': (options) => {
    const [one, other] = [
      errorOf(() => resources.jwtVerifier({ issuer, audience: 'x', ...options })),
      errorOf(() =>
        resources.introspectionVerifier({ endpoint: issuer, clientID: 'a', clientSecret: 'b', ...options }),
      ),
    ];
    if (one && other) throw one;
  },
  'GrantIssuerOptions.lifetime': (options) =>
    core.issueGrants({ server, servers: { 'https://other.example': { clientID: () => 'a' } }, ...options }),
  'JWTResponsesOptions.lifetime': (options) => core.jwtResponses(options),
  'LMDBStoreOptions.purgeDelay': (options) => tokens.lmdbStore({ path: 'x', ...options }),
  'Lifetimes.accessToken': (lifetimes) => tokensWith({ lifetimes }),
  'Lifetimes.authorization': (lifetimes) => tokensWith({ lifetimes }),
  'Lifetimes.code': (lifetimes) => tokensWith({ lifetimes }),
  'Lifetimes.refreshToken': (lifetimes) => tokensWith({ lifetimes }),
  'LogoutOptions.timeout': (options) => core.logout({ end: found, ...options }),
  'LogoutOptions.wait': (options) => core.logout({ end: found, ...options }),
  'MCPProfileOptions.accessTokenLifetime': (options) =>
    mcp.mcpProfile({ resource: 'https://mcp.example/mcp', ...options }),
  'MCPTarget.grace': (options) => tests.runMCPChecks({ resource: 'https://mcp.example/mcp', ...options }),
  'MemoryStoreOptions.max': (options) => tokens.memoryStore(options),
  'OpenIDOptions.idTokenLifetime': (options) => core.openid(options),
  'PostgresStoreOptions.timeout': (options) => tokens.postgresStore({ pool: {}, ...options }),
  'PurgeOptions.purgeDelay': (options) => tokens.postgresStore({ pool: {}, ...options }),
  'PurgeOptions.purgeInterval': (options) => {
    const [one, other] = [
      errorOf(() => tokens.postgresStore({ pool: {}, ...options })),
      errorOf(() => tokens.lmdbStore({ path: 'x', ...options })),
    ];
    if (one && other) throw one;
  },
  'PushedRequestsOptions.lifetime': (options) => core.pushedRequests(options),
  'PushedRequestsOptions.publicPerMinute': (options) => core.pushedRequests(options),
  'RedisStoreOptions.timeout': (options) => tokens.redisStore({ client: {}, ...options }),
  'RegisteredClientsOptions.most': (options) => core.registeredClients(store, options),
  'RequestObjectsOptions.atOnce': (options) => core.requestObjects(options),
  'RequestObjectsOptions.maxLifetime': (options) => core.requestObjects(options),
  'RequestObjectsOptions.perHostAndMinute': (options) => core.requestObjects(options),
  'Resource.lifetime': (resource) => core.resourceIndicators({ resources: { 'https://api.example': resource } }),
  'RotatingKeysOptions.every': (options) => tokens.rotatingKeys({ store, secret: 'x'.repeat(32), ...options }),
  'RotatingKeysOptions.longestToken': (options) => tokens.rotatingKeys({ store, secret: 'x'.repeat(32), ...options }),
  'RotatingKeysOptions.publishedFirst': (options) => tokens.rotatingKeys({ store, secret: 'x'.repeat(32), ...options }),
  'RotationTrialOptions.grace': (options) => tests.runRotationTrial({ open: () => store, ...options }),
  'RotationTrialOptions.lost': (options) => tests.runRotationTrial({ open: () => store, ...options }),
  'RotationTrialOptions.refreshes': (options) => tests.runRotationTrial({ open: () => store, ...options }),
  'RotationTrialOptions.senders': (options) => tests.runRotationTrial({ open: () => store, ...options }),
  'SingleUseTrialOptions.tries': (options) => tests.runSingleUseTrial({ open: () => store, ...options }),
  'StoredTransactionsOptions.timeout': (options) => tokens.storedTransactions(store, options),
  'TokenExchangeOptions.maxDepth': (options) => core.tokenExchange({ allow: found, ...options }),
  'TokenServiceOptions.grace': tokensWith,
  'TokenServiceOptions.maxRefreshes': tokensWith,
  'TokenServiceOptions.timeout': tokensWith,
  'TokenServiceOptions.tolerateRepeatedCode': tokensWith,
  'TrialOptions.latency': (options) => tests.runSingleUseTrial({ open: () => store, ...options }),
  'TrustedIssuer.maxLifetime': (more) =>
    core.jwtBearer({ authorize: found, issuers: { 'https://idp.example': { ...trusted, ...more } } }),
};

/** Interfaces of options with another name. */
const ALSO = /^(?:Lifetimes|Resource|TrustedIssuer|AttackTarget|MCPTarget|AuthenticationRequirement)$/;
/** Of these, what nobody outside gives. */
const NONE: Readonly<Record<string, string>> = {
  'DatabaseOptions.timeout': 'that of PostgresStoreOptions',
  'StepOptions.longestToken': 'read and compared by the program koauthorize',
  'StepOptions.now': 'the same',
};

/** What stands for no number of anything. */
const WRONG: readonly unknown[] = [Number.NaN, Number.POSITIVE_INFINITY, -1, '60', 1e300, {}];

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Numeric members of the options that lib/ declares. */
function declared(): string[] {
  const paths = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' });
  const texts = paths
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(root, 'lib', path), 'utf8'));
  return texts.flatMap((text) =>
    [...text.matchAll(/^(?:export )?interface (\w+)[^{]*\{\n(.*?)^\}/gms)].flatMap(([, name = '', body = '']) =>
      /Options$/.test(name) || ALSO.test(name)
        ? [...body.matchAll(/^ {2}readonly (\w+)\??: number(?: \| undefined)?;/gm)].map(
            ([, member]) => `${name}.${member}`,
          )
        : [],
    ),
  );
}

describe('numeric options', () => {
  it('are all tried here', () =>
    assert.deepEqual([...new Set(declared())].sort(), [...Object.keys(OPTIONS), ...Object.keys(NONE)].sort()));

  for (const [option, call] of Object.entries(OPTIONS)) {
    const name = option.slice(option.indexOf('.') + 1);
    for (const value of WRONG)
      it(`${option} is not ${String(value)}${typeof value === 'string' ? ', a text' : ''}`, async () => {
        const error = await Promise.resolve()
          .then(() => call({ [name]: value }))
          .then(
            () => undefined,
            (reason: unknown) => reason,
          );
        assert.ok(error instanceof TypeError, `${error}`);
        assert.match(error.message, new RegExp(`\\b${name}\\b`));
        assert.match(error.message, / not /);
      });
  }

  it('and a lifetime that a function gives, for each client: the operator is told, and no token is good for millions of years', async () => {
    for (const accessToken of WRONG) {
      const lifetimes = () => ({ accessToken }) as { accessToken: number };
      const { request, errors } = tokenServer({ tokens: { lifetimes } });
      assert.equal((await request({ grant_type: 'client_credentials' }, WORKER)).status, 500);
      assert.match(
        String(errors),
        /TypeError: tokenService\(\{ lifetimes: \{ accessToken \} \}\) is a number of seconds/,
      );
    }
  });

  it('and lifetimes that are undefined are the usual ones', () => {
    for (const name of ['code', 'accessToken', 'refreshToken', 'authorization'])
      tokensWith({ lifetimes: { [name]: undefined } });
  });
});

describe('requireSeconds and requireCount', () => {
  it('say what is wanted, and a text in quotation marks', () => {
    const error = (call: () => void) => String(errorOf(call));
    assert.equal(
      error(() => requireSeconds('f({ lifetime })', '3600', 5, 86_400)),
      'TypeError: f({ lifetime }) is a number of seconds: 5 to 86,400, not "3600"',
    );
    assert.equal(
      error(() => requireCount('f({ most })', 1.5, 1, 10)),
      'TypeError: f({ most }) is a whole number, not 1.5',
    );
    requireSeconds('f', 5, 5, 10);
    requireSeconds('f', 10, 5, 10);
    requireCount('f', 1, 1, 1);
  });
});
