/** What gives a protection up stands in the report of `server.check()`, by the name of its option. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  authorizationDetails,
  backchannelAuthentication,
  clientIDMetadata,
  clientRegistration,
  createServer,
  exchange,
  grant,
  issuer,
  jwtBearer,
  openid,
  type Plug,
  pkce,
  registeredClients,
  requestObjects,
  resourceIndicators,
  type Server,
  tokenExchange,
} from 'koauthorize';
import {
  clientAuthentication,
  clientSecretJwt,
  none,
  privateKeyJwt,
  selfSignedTlsClientAuth,
} from 'koauthorize/client-auth';
import { publicFetch } from 'koauthorize/extending';
import { fapi2 } from 'koauthorize/profile/fapi2';
import { legacy } from 'koauthorize/profile/legacy';
import { mcpProfile } from 'koauthorize/profile/mcp';
import { bearer, introspectionVerifier, jwtVerifier, protectedResource } from 'koauthorize/resource-server';
import { generateSigningKey, keySet, memoryStore, rotatingKeys, tokenService } from 'koauthorize/tokens';
import { type Finding, findingsOf } from '../lib/findings.js';
import { readDeclarations } from './reference/declarations.js';
import { root } from './run.js';

/** An option in whose name or doc comment it says that something is given up. */
const NAMED = /^(?:allow[A-Z]|ignore[A-Z]|tolerate[A-Z]|anyPort[A-Z]|keepUnknown[A-Z])/;
const SAID = /\bgives up\b/i;

/** Options that the two lines above find and that are no relaxation of a server or an API, and why. */
const NONE: Readonly<Record<string, string>> = {
  'AllowedExchange.allowFurtherAudience': 'said by a callback for each request',
  'AllowedExchange.allowFurtherScope': 'the same',
  'BearerOptions.allowOrigins': 'says whose scripts may call: there is nothing stricter that works',
  'ClientKeysOptions.fetch': 'a function: what publicFetch() gives up is reported, of others nothing is known',
  'Core.allowOrigins': 'the same',
  'ServerOptions.allowOrigins': 'the same',
  'registry/said.ts.allowOrigins': 'the same',
  'Core.anyPortForLocalhost': 'that of ServerOptions',
  'Network.allowPlainHTTP': 'a part of the options that have it',
  'ReadingOptions.allowAZP': 'that of JWTVerifierOptions',
  'Settings.tolerateRepeatedCode': 'that of TokenServiceOptions',
};

const ISSUER = 'https://as.example';
const keys = await keySet({ signing: await generateSigningKey('RS256') });
const tokens = (more: object = {}) => tokenService({ store: memoryStore(), ...more });

/** What the report of a server has with this plugged in. */
function reportOf(plug: (server: Server) => unknown, options: object = {}): readonly Finding[] {
  const server = createServer({
    issuer: ISSUER,
    tokens: tokens(),
    keys,
    clients: { find: () => undefined },
    authenticationEvent: () => undefined,
    ...options,
  });
  plug(server);
  return server.check().findings;
}
const extending = (...plugs: readonly Plug[]) => reportOf((server) => server.extend(...plugs));
const authenticating = (...methods: Parameters<typeof clientAuthentication>[0]['methods']) =>
  reportOf((server) => clientAuthentication({ server, methods }));

const trusted = { jwksURI: 'https://idp.example/jwks' };
const authorize = () => undefined;
const ask = { findUser: () => undefined, ask: () => undefined };
const registering = (more: object) =>
  reportOf((server) => {
    clientAuthentication({ server, methods: [none()] });
    server.extend(
      clientRegistration({ clients: registeredClients(memoryStore()), initialAccess: () => false, ...more }),
    );
  });
const mcp = (more: object) =>
  reportOf((server) => {
    const service = tokens();
    clientAuthentication({ server, methods: [none()] });
    server
      .grant(grant.code(service.code))
      .exchange(exchange.code(service.code))
      .exchange(exchange.refreshToken(service.refreshToken));
    server.extend(...mcpProfile({ resource: 'https://mcp.example/mcp', ...more }));
  });
const legacyOptions = [
  'Implicit',
  'KeptRefreshTokens',
  'MissingPKCE',
  'Password',
  'ShortSchemes',
  'Uncompared',
  'HTTP',
];
const ofLegacy = Object.fromEntries(
  legacyOptions.map((name) => [
    `LegacyOptions.allow${name}`,
    () => extending(...legacy({ [`allow${name}`]: true } as object)),
  ]),
);
const ofAPI = (more: object) => findingsOf(bearer({ verify: () => undefined, ...more }));
const ofJWT = (more: object) =>
  findingsOf(bearer({ verify: jwtVerifier({ issuer: ISSUER, audience: 'api', algorithms: ['ES256'], ...more }) }));
const introspecting = { endpoint: `${ISSUER}/introspect`, clientID: 'api', clientSecret: 'secret' };

/** Each relaxation, by its interface and name, and the report of what has it. */
const RELAXATIONS: Readonly<Record<string, () => readonly Finding[] | Promise<readonly Finding[]>>> = {
  'AssertionOptions.allowAudiences': () => authenticating(privateKeyJwt({ allowAudiences: [`${ISSUER}/token`] })),
  'AuthorizationDetailsOptions.allowImmediate': () =>
    extending(authorizationDetails({ types: { pay: { validate: () => true } }, allowImmediate: true })),
  'BackchannelAuthenticationOptions.allowWithoutUserCode': () =>
    extending(
      openid(),
      backchannelAuthentication({ ...ask, verifyUserCode: () => false, allowWithoutUserCode: () => true }),
    ),
  'BearerOptions.ignoreTrailingSlash': () => ofAPI({ audience: 'https://api.example', ignoreTrailingSlash: true }),
  'ClaimOptions.allowScopeArray': () => ofJWT({ allowScopeArray: true }),
  'ClientIDMetadataOptions.allowPrivateSchemes': () =>
    reportOf((server) => {
      clientAuthentication({ server, methods: [none()] });
      server.extend(clientIDMetadata({ allowPrivateSchemes: true }));
    }),
  'ClientIDMetadataOptions.allowRegisteredURLs': () =>
    reportOf((server) => {
      clientAuthentication({ server, methods: [none()] });
      server.extend(clientIDMetadata({ allowRegisteredURLs: true }));
    }),
  'ClientRegistrationOptions.allowAnyone': () => registering({ allowAnyone: true, initialAccess: undefined }),
  'ClientRegistrationOptions.keepUnknownMembers': () => registering({ keepUnknownMembers: true }),
  'ClientRegistrationOptions.schemes': () => registering({ schemes: ['cursor'] }),
  'EncryptionOptions.encryption': async () => {
    const rotating = await rotatingKeys({ store: memoryStore(), encryption: 'none' });
    rotating.close();
    return reportOf(() => {}, { keys: rotating });
  },
  'FAPI2Options.allowRotation': () => extending(...fapi2({ allowRotation: true, appliesTo: () => false })),
  ...ofLegacy,
  'FetchJWKSOptions.allowHTTP': () => extending(requestObjects({ allowHTTP: 'loopback' })),
  'extension/introspection/api.ts.allowMissingTokenType': () =>
    findingsOf(bearer({ verify: introspectionVerifier({ ...introspecting, allowMissingTokenType: true }) })),
  'IssuerOptions.allowMixUp': () => extending(issuer(ISSUER, { allowMixUp: () => true })),
  'JWTBearerOptions.allowPublicClients': () =>
    extending(jwtBearer({ authorize, issuers: { 'https://idp.example': trusted }, allowPublicClients: true })),
  'JWTBearerOptions.allowRefreshTokens': () =>
    extending(jwtBearer({ authorize, issuers: { 'https://idp.example': trusted }, allowRefreshTokens: true })),
  'JWTVerifierOptions.allowAZP': () => ofJWT({ allowAZP: true }),
  'JWTVerifierOptions.allowMissing': () => ofJWT({ allowMissing: ['typ'] }),
  'JWTVerifierOptions.allowTypes': () => ofJWT({ allowTypes: ['JWT'] }),
  'MCPProfileOptions.allowPrivateSchemes': () => mcp({ allowPrivateSchemes: true, documents: false }),
  'MCPProfileOptions.ignoreTrailingSlash': () => mcp({ ignoreTrailingSlash: true }),
  'OpenIDOptions.allowOfflineWithoutConsent': () => extending(openid({ allowOfflineWithoutConsent: () => true })),
  'PKCEOptions.allowMissing': () => extending(pkce({ allowMissing: () => true })),
  'PKCEOptions.allowPlain': () => extending(pkce({ allowPlain: true })),
  'PresentationOptions.allowTokenInForm': () => ofAPI({ allowTokenInForm: true }),
  'PresentationOptions.allowTokenInQuery': () => ofAPI({ allowTokenInQuery: true }),
  'PublicFetchOptions.allowLoopback': () => extending(requestObjects({ fetch: publicFetch({ allowLoopback: true }) })),
  'ResourceIndicatorsOptions.ignoreTrailingSlash': () =>
    extending(resourceIndicators({ resources: { 'https://api.example': {} }, ignoreTrailingSlash: true })),
  'LocationOptions.allowPlainHTTP': () => reportOf(() => {}, { issuer: 'http://as:3000', allowPlainHTTP: true }),
  'FetchOptions.allowPlainHTTP': () => [
    ...ofJWT({ issuer: 'http://as:3000', allowPlainHTTP: true }),
    ...findingsOf(
      bearer({
        verify: introspectionVerifier({
          ...introspecting,
          endpoint: 'http://as:3000/introspect',
          allowPlainHTTP: true,
        }),
      }),
    ),
  ],
  'ProtectedResourceServing.allowPlainHTTP': () =>
    findingsOf(protectedResource({ resource: 'http://api:4000' }, { allowPlainHTTP: true })),
  'ServerOptions.anyPortForLocalhost': () => reportOf(() => {}, { anyPortForLocalhost: true }),
  'TokenExchangeOptions.allowBoundTokensOfOthers': () =>
    extending(tokenExchange({ allow: () => false, allowBoundTokensOfOthers: true })),
  'TokenExchangeOptions.allowPublicClients': () =>
    extending(tokenExchange({ allow: () => false, allowPublicClients: true })),
  'Lifetimes.code': () => reportOf(() => {}, { tokens: tokens({ lifetimes: { code: 601 } }) }),
  'TokenServiceOptions.grace': () => reportOf(() => {}, { tokens: tokens({ grace: 61 }) }),
  'TokenServiceOptions.rotate': () => reportOf(() => {}, { tokens: tokens({ rotate: () => false }) }),
  'TokenServiceOptions.tolerateRepeatedCode': () => reportOf(() => {}, { tokens: tokens({ tolerateRepeatedCode: 5 }) }),
  'TransactionMiddlewareOptions.allowEmptyScope': () =>
    reportOf((server) => server.decision({ allowEmptyScope: true })),
  'TrustedIssuer.allowReuse': () =>
    extending(jwtBearer({ authorize, issuers: { 'https://idp.example': { ...trusted, allowReuse: true } } })),
  'TrustedIssuer.allowTokenEndpointAudience': () =>
    extending(
      jwtBearer({ authorize, issuers: { 'https://idp.example': { ...trusted, allowTokenEndpointAudience: true } } }),
    ),
};

/** Options of types that are no interfaces: lines of a file. */
function inLines(path: string, known: ReadonlySet<string>): string[] {
  const lines = readFileSync(join(root, 'lib', path), 'utf8').split('\n');
  const names = lines.flatMap((line) => /^ +readonly (\w+)\??:/.exec(line)?.[1] ?? []);
  return names.filter((name) => NAMED.test(name) && !known.has(name)).map((name) => `${path}.${name}`);
}

/** The options of a file that give something up, by interface and name. */
function optionsIn(path: string): string[] {
  const interfaces = [...readDeclarations(`lib/${path}`).interfaces];
  const found = interfaces.flatMap(([type, members]) =>
    members
      .filter(({ name, doc }) => NAMED.test(name) || SAID.test(doc))
      .map(({ name }) => `${type}.${name.replace(/\(.*/, '')}`),
  );
  const known = new Set(interfaces.flatMap(([, members]) => members.map(({ name }) => name)));
  return [...found, ...inLines(path, known)];
}

const FOUND: ReadonlySet<string> = new Set(
  readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.startsWith('testing/'))
    .flatMap(optionsIn),
);

describe('the report of relaxations', () => {
  it('has every option of lib/ that gives something up', () =>
    assert.deepEqual([...FOUND].sort(), [...Object.keys(RELAXATIONS), ...Object.keys(NONE)].sort()));

  for (const [option, report] of Object.entries(RELAXATIONS)) {
    const name = option.slice(option.lastIndexOf('.') + 1);
    it(`says ${option}`, async () => {
      const relaxations = (await report()).filter(({ severity }) => severity === 'relaxation');
      assert.deepEqual([...new Set(relaxations.map(({ rule }) => rule))], [name]);
      for (const { found, why, remedy, section } of relaxations) {
        assert.ok(found.includes(name), found);
        assert.ok(why && remedy && (section || name === 'encryption'));
      }
    });
  }

  it('says allowAudiences and allowHTTP of every method that has them', () => {
    const secretJWT = authenticating(clientSecretJwt({ allowAudiences: () => [] }));
    assert.deepEqual(
      secretJWT.map(({ found }) => found),
      ['clientSecretJwt({ allowAudiences: ... })'],
    );
    const selfSigned = authenticating(selfSignedTlsClientAuth({ allowHTTP: 'anywhere' }));
    assert.deepEqual(
      selfSigned.map(({ found }) => found),
      ['selfSignedTlsClientAuth({ allowHTTP: "anywhere" })'],
    );
    const key = authenticating(privateKeyJwt({ allowHTTP: 'loopback' }));
    assert.deepEqual(
      key.map(({ found }) => found),
      ['privateKeyJwt({ allowHTTP: "loopback" })'],
    );
  });

  it('is empty where nothing is given up', () => {
    assert.deepEqual(extending(pkce(), openid(), requestObjects()), []);
    assert.deepEqual(extending(pkce({ allowPlain: false })), []);
    assert.deepEqual(
      reportOf(() => {}, { tokens: tokens({ tolerateRepeatedCode: 0, grace: 60, lifetimes: { code: 600 } }) }),
      [],
    );
  });
});

describe('what extensions find', () => {
  const finding = (severity: Finding['severity'], rule = 'odd') => ({
    name: `finds-${rule}`,
    findings: () => [
      { rule, severity, found: 'it is odd', why: 'it breaks', section: 'RFC 1', remedy: 'make it even' },
    ],
  });

  it('is thrown at start where it is an error, all of it at once', async () => {
    const server = createServer().extend(finding('error'), finding('error', 'more'));
    const message =
      'odd: it is odd. it breaks (RFC 1). make it even.\nmore: it is odd. it breaks (RFC 1). make it even.';
    assert.throws(() => server.check(), { message });
    assert.throws(() => server.core.start(), { message });
    server.extend({ name: 'may still be plugged in' });
  });

  it('is told the operator once where it is a warning', async () => {
    const told: (Error & { readonly code?: string })[] = [];
    const listen = (warning: Error) => void told.push(warning);
    process.on('warning', listen);
    try {
      const server = createServer().extend(finding('warning', 'oddNumber'));
      assert.equal(server.check().findings.length, 1);
      assert.equal(server.check().findings.length, 1);
      await new Promise(setImmediate);
    } finally {
      process.off('warning', listen);
    }
    assert.deepEqual(
      told.map(({ code, message }) => ({ code, message })),
      [{ code: 'KOAUTHORIZE_ODD_NUMBER', message: 'oddNumber: it is odd. it breaks (RFC 1). make it even.' }],
    );
  });
});
