/** What an application sets: in plain JavaScript, too, a name that is misspelt is an error at start. */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import * as oauth from 'koauthorize';
import * as auth from 'koauthorize/client-auth';
import * as api from 'koauthorize/resource-server';
import * as testing from 'koauthorize/testing';
import * as service from 'koauthorize/tokens';
import { type OptionNames, requireKnown } from '../lib/options.js';

/** As plain JavaScript sees it. */
// biome-ignore lint/suspicious/noExplicitAny: what does not compile is what is tried here
type Any = any;
const [core, clients, resources, tests, tokens]: Any[] = [oauth, auth, api, testing, service];

const issuer = 'https://as.example';
const useOnce = () => true;
const framework = { describe: () => {}, it: () => {} };
const store = service.memoryStore();
const signing = await service.generateSigningKey('ES256');
const target = { issuer, client: { client_id: 'web', redirect_uri: 'https://web.example/' }, login: () => {} };

/** A function, a misspelt name of its options, the name that is meant, and the call. */
type Misspelt = readonly [what: string, wrong: string, right: string, call: (options: object) => unknown];

const EXTENSIONS: readonly Misspelt[] = [
  ['pkce', 'allowMising', 'allowMissing', (options) => core.pkce(options)],
  ['issuer', 'allowMixup', 'allowMixUp', (options) => core.issuer(issuer, options)],
  ['scopes', 'defaults', 'default', (options) => core.scopes(['read'], options)],
  ['certificateBoundTokens', 'bound', 'isBound', (options) => core.certificateBoundTokens(options)],
  ['stepUp', 'acr_values', 'acrValues', (options) => core.stepUp({ authenticationEvent: () => ({}), ...options })],
  ['openid', 'responseType', 'responseTypes', (options) => core.openid(options)],
  ['introspection', 'resourceServers', 'resourceServer', (options) => core.introspection(() => false, options)],
  ['revocation', 'uri', 'url', (options) => core.revocation(() => {}, options)],
  ['jwks', 'URL', 'url', (options) => core.jwks({ jwks: () => ({}) }, options)],
  ['metadataPaths', 'openIDConfiguration', 'alsoOpenIDConfiguration', (options) => core.metadataPaths(issuer, options)],
  [
    'requireAuthentication',
    'max_age',
    'maxAge',
    (options) => resources.requireAuthentication({ acr: 'mfa', ...options }),
  ],
];

const CLIENT_AUTHENTICATION: readonly Misspelt[] = [
  [
    'clientAuthentication',
    'trottle',
    'throttle',
    (options) => clients.clientAuthentication({ find: () => undefined, methods: [auth.none()], ...options }),
  ],
  [
    'ClientStrategy',
    'clientId',
    'clientID',
    (options) => new clients.ClientStrategy({ find: () => undefined, methods: [auth.none()], ...options }),
  ],
  ['clientSecretBasic', 'compair', 'compare', (options) => clients.clientSecretBasic(options)],
  ['clientSecretPost', 'Now', 'now', (options) => clients.clientSecretPost(options)],
  [
    'clientSecretJwt',
    'allowAudience',
    'allowAudiences',
    (options) => clients.clientSecretJwt({ issuer, useOnce, ...options }),
  ],
  ['privateKeyJwt', 'jwksUri', 'jwksURI', (options) => clients.privateKeyJwt({ issuer, useOnce, ...options })],
  ['selfSignedTlsClientAuth', 'allowHttp', 'allowHTTP', (options) => clients.selfSignedTlsClientAuth(options)],
  ['tlsClientAuth', 'metaData', 'metadata', (options) => clients.tlsClientAuth(options)],
  [
    'headerCertificate',
    'verified',
    'isVerified',
    (options) => clients.headerCertificate({ name: 'X-Cert', ...options }),
  ],
];

const KEYS_AND_TESTING: readonly Misspelt[] = [
  ['keySet', 'publish', 'published', (options) => tokens.keySet({ signing, ...options })],
  [
    'keySet',
    'publishd',
    'published',
    async (options) => (await service.keySet({ signing })).rotate({ signing, ...options }),
  ],
  ['The choice of attacks', 'witout', 'without', (options) => tests.runAttacks(target, options)],
  ['The choice of attacks', 'onyl', 'only', (options) => tests.attackSuite(framework, target, options)],
  [
    'The attack target',
    'otherclient',
    'otherClient',
    (options) => tests.attackSuite(framework, { ...target, ...options }),
  ],
  ['The attack target ({ endpoints })', 'tokens', 'token', (endpoints) => tests.runAttacks({ ...target, endpoints })],
  [
    'storeContract',
    'process',
    'processes',
    (options) => tests.storeContract(framework, { open: () => store, ...options }),
  ],
  [
    'storeContract({ processes })',
    'modul',
    'module',
    (processes) => tests.storeContract(framework, { open: () => store, processes }),
  ],
  [
    'registryContract',
    'secnod',
    'second',
    (options) => tests.registryContract(framework, { open: () => core.registeredClients(store), ...options }),
  ],
  ['runRotationTrial', 'refreshs', 'refreshes', (options) => tests.runRotationTrial({ open: () => store, ...options })],
  ['runSingleUseTrial', 'latnecy', 'latency', (options) => tests.runSingleUseTrial({ open: () => store, ...options })],
];

const server: Any = oauth.createServer();
const found = async () => undefined;

const SPINE: readonly Misspelt[] = [
  ['createServer', 'clientId', 'clientID', (options) => core.createServer(options)],
  ['server.authorization', 'idLenght', 'idLength', (options) => server.authorization(options, found)],
  ['server.decision', 'cancelFeild', 'cancelField', (options) => server.decision(options)],
  ['server.resume', 'transactionfield', 'transactionField', (options) => server.resume(options, found)],
  ['server.token', 'userPropety', 'userProperty', (options) => server.token(options)],
  ['errorHandler', 'fragments', 'fragment', (options) => server.errorHandler(options)],
  ['errorHandler', 'modus', 'modes', (options) => core.errorHandler(options)],
  [
    'server.authorizationErrorHandler',
    'loadTransactions',
    'loadTransaction',
    (options) => server.authorizationError(options),
  ],
  ['server.renewSession', 'transactionId', 'transactionID', (options) => server.renewSession({}, found, options)],
  ['grant.code', 'scopeSeperator', 'scopeSeparator', (options) => core.grant.code(options, found)],
  ['grant.token', 'mode', 'modes', (options) => core.grant.token(options, found)],
  ['exchange.authorizationCode', 'userproperty', 'userProperty', (options) => core.exchange.code(options, found)],
  [
    'exchange.refreshToken',
    'scopeSeperator',
    'scopeSeparator',
    (options) => core.exchange.refreshToken(options, found),
  ],
  [
    'exchange.clientCredentials',
    'userPropert',
    'userProperty',
    (options) => core.exchange.clientCredentials(options, found),
  ],
  ['exchange.password', 'scopeSep', 'scopeSeparator', (options) => core.exchange.password(options, { issue: found })],
];

const TOKENS: readonly Misspelt[] = [
  ['tokenService', 'lifetime', 'lifetimes', (options) => tokens.tokenService({ store, ...options })],
  [
    'tokenService({ lifetimes })',
    'acessToken',
    'accessToken',
    (lifetimes) => tokens.tokenService({ store, lifetimes }),
  ],
  [
    'revokeAll',
    'cleint',
    'client',
    (options) => service.tokenService({ store }).revokeAll({ user: { id: 'u' }, ...options }),
  ],
  ['jwt', 'key', 'keys', (options) => tokens.jwt({ issuer, audience: 'x', keys: {}, ...options })],
  ['memoryStore', 'maximum', 'max', (options) => tokens.memoryStore(options)],
  ['lmdbStore', 'purgeInterwal', 'purgeInterval', (options) => tokens.lmdbStore({ path: 'x', ...options })],
  ['postgresStore', 'tabel', 'table', (options) => tokens.postgresStore({ pool: {}, ...options })],
  ['redisStore', 'prefixes', 'prefix', (options) => tokens.redisStore({ client: {}, ...options })],
];

const API: readonly Misspelt[] = [
  ['certificateProof', 'certificat', 'certificate', (options) => resources.certificateProof(options)],
  ['bearer', 'relm', 'realm', (options) => resources.bearer({ verify: found, ...options })],
  ['bearer', 'allowTokenInBody', 'allowTokenInForm', (options) => resources.bearer({ verify: found, ...options })],
  ['jwtVerifier', 'jwksUri', 'jwksURI', (options) => resources.jwtVerifier({ issuer, audience: 'x', ...options })],
  [
    'introspectionVerifier',
    'cachesize',
    'cacheSize',
    (options) => resources.introspectionVerifier({ endpoint: issuer, authenticate: found, ...options }),
  ],
];

const MOUNT: readonly Misspelt[] = [
  ['server.mount', 'authenticateclient', 'authenticateClient', (options) => server.mount({ all: found }, options)],
  ['server.authorization', 'immedate', 'immediate', (options) => server.authorization({ validate: found, ...options })],
];

const NO_OPTIONS: readonly [what: string, call: (options: object) => unknown][] = [
  ['sessionTransactions', (options) => core.sessionTransactions(options)],
  ['cookieTransactions', (options) => core.cookieTransactions(options)],
  ['none', (options) => clients.none(options)],
  ['opaque', (options) => tokens.opaque(options)],
  ['refreshTokenExpiration', (options) => core.refreshTokenExpiration(options)],
];

/** What a call throws, or rejects with. */
async function thrownBy(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('an option whose name is misspelt', () => {
  for (const [what, wrong, right, call] of [
    ...SPINE,
    ...MOUNT,
    ...TOKENS,
    ...API,
    ...EXTENSIONS,
    ...CLIENT_AUTHENTICATION,
    ...KEYS_AND_TESTING,
  ]) {
    it(`${what}: ${wrong} throws at start, and ${right} is named`, async () => {
      const error = await thrownBy(() => call({ [wrong]: undefined }));
      assert.ok(error instanceof TypeError, `it gave ${error}`);
      assert.ok(
        error.message.startsWith(`${what} has no option ${wrong}. Did you mean ${right}? Its options are `),
        error.message,
      );
    });
  }

  for (const [what, call] of NO_OPTIONS) {
    it(`${what} takes no options, and throws when it is given some`, () =>
      assert.throws(() => call({ sessionKey: 'x' }), new TypeError(`${what} takes no options`)));
  }
});

describe('options', () => {
  interface Options {
    readonly required?: boolean;
    readonly agent?: object;
  }
  const known: OptionNames<Options> = { required: true, agent: true };
  const check = (options: unknown) => requireKnown<Options>(options as Options, known, 'x');

  it('need not be there, and may be undefined each', () => {
    for (const options of [undefined, {}, { required: undefined }, Object.create(null)]) check(options);
  });

  it('may be an object of a class, whose methods are none of them', () => {
    class Settings {
      readonly required = true;
      requird(): void {}
    }
    check(new Settings());
    check(Object.create({ requird: true }));
    check({ agent: new Agent() });
  });

  const others: readonly (readonly [value: unknown, what: string])[] = [
    ['S256', 'a string'],
    [() => ({}), 'a function'],
    [[], 'an array'],
    [null, 'null'],
    [true, 'a boolean'],
  ];
  for (const [value, what] of others)
    it(`are an object, and not ${what}`, () =>
      assert.throws(() => check(value), new TypeError(`x takes an object of options, not ${what}`)));

  it('have no names from Object.prototype', () =>
    assert.throws(() => check({ constructor: 1 }), /^TypeError: x has no option constructor/));

  it('are compared in bounded time, however long a name is', () =>
    assert.throws(() => check({ [`requird${'x'.repeat(1e6)}`]: 1 }), /Did you mean required\?/));
});

describe('what plain JavaScript leaves out, or does not call, is an error at start that says so', () => {
  const rows: readonly (readonly [what: string, call: () => unknown, message: string])[] = [
    ['no store', () => tokens.tokenService({}), 'tokenService({ store }) is needed: memoryStore(), or one that lasts'],
    ['no audience of JWTs', () => tokens.jwt({}), 'jwt({ audience }) is needed: the API that the tokens are for'],
    [
      'no audience of an API',
      () => resources.jwtVerifier({ issuer }),
      'jwtVerifier({ audience }) is needed: what this API is called',
    ],
    ['no verify', () => resources.bearer({}), 'bearer requires a function verify'],
    ['no methods', () => clients.clientAuthentication({ find: found }), 'client authentication requires methods'],
    [
      'a method that was not called',
      () => clients.clientAuthentication({ find: found, methods: [auth.clientSecretBasic] }),
      'methods takes what clientSecretBasic() gives, and not the function itself',
    ],
    [
      'what is no method',
      () => clients.clientAuthentication({ find: found, methods: ['client_secret_basic'] }),
      'methods takes what clientSecretBasic() and its like give, and not client_secret_basic',
    ],
    ['a scope as text', () => core.scopes('read write'), 'What scopes() takes is no list of texts'],
    [
      'an extension that was not called',
      () => core.createServer().extend(core.pkce),
      'pkce was given the server in place of its options: write server.extend(pkce())',
    ],
    [
      'keys that were not awaited',
      () => core.createServer({ keys: service.keySet({ signing }) }),
      'createServer({ keys }) gave a promise where a value is needed',
    ],
    [
      'the same, of JWTs',
      () => tokens.jwt({ audience: 'x', keys: service.keySet({ signing }) }),
      'jwt({ keys }) gave a promise where a value is needed',
    ],
    [
      'the same, published',
      () => core.jwks(service.keySet({ signing })),
      'jwks(keys) gave a promise where a value is needed',
    ],
  ];
  for (const [what, call, message] of rows) it(what, () => assert.throws(call, new TypeError(message)));
});

describe('a clock in milliseconds', () => {
  const now = () => Date.now();
  const calls: readonly (readonly [what: string, call: () => unknown])[] = [
    ['createServer', () => oauth.createServer({ now })],
    ['tokenService', () => service.tokenService({ store, now })],
    ['bearer', () => api.bearer({ verify: found, now })],
    ['jwtVerifier', () => api.jwtVerifier({ issuer, audience: 'x', now })],
    ['introspectionVerifier', () => api.introspectionVerifier({ endpoint: issuer, authenticate: found, now })],
    ['dpopProof', () => api.dpopProof({ baseURL: issuer, now })],
    ['rotatingKeys', () => service.rotatingKeys({ store, secret: 'x'.repeat(32), now })],
    ['privateKeyJwt', () => auth.privateKeyJwt({ issuer, useOnce, now })],
  ];
  for (const [what, call] of calls)
    it(`${what} throws at start`, async () => {
      const error = await thrownBy(call);
      assert.match(String(error), new RegExp(`^TypeError: ${what}\\({ now }\\) gives epoch seconds, not \\d{13}: `));
    });

  it('is told from one of tests that is far in the past or the future', () => {
    for (const time of [0, -1, 4e9]) api.bearer({ verify: found, now: () => time });
  });

  it('and one that gives no number, to which nothing would ever be too old', () => {
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, '1800000000', new Date(), Promise.resolve(0)])
      assert.throws(
        () => resources.bearer({ verify: found, now: () => time }),
        /^TypeError: bearer\(\{ now \}\) gives epoch seconds, not /,
        `${time}`,
      );
  });
});

describe('an endpoint whose name is misspelt', () => {
  const create = (endpoints: object): Any => core.createServer({ issuer, endpoints });

  for (const name of ['tokens', 'Token', 'authorisation', 'registraton'])
    it(`${name} throws at start`, () =>
      assert.throws(
        () => create({ [name]: '/x' }),
        /^TypeError: createServer\(\{ endpoints \}\) has no option \w+\. Did you mean \w+\?$/,
      ));

  for (const name of ['introspect', 'introspecton'])
    it(`${name} throws when what it is nearly the name of is plugged in`, () => {
      const misspelt = create({ [name]: '/x' });
      assert.throws(() => misspelt.endpoint(oauth.introspection(() => false)), /Did you mean introspection\?$/);
    });

  it('is not one that a specification of its own has', () => {
    const other = create({ introspection: '/i', revocation: '/r', jwks: '/k', device_authorization: '/d', par: '/p' });
    other.endpoint(oauth.introspection(() => false));
    other.endpoint(oauth.revocation(() => {}));
  });
});

describe("oauth2orize's own option names", () => {
  it('are known, also where they do nothing', () => {
    const transactions = {
      ...{ sessionKey: 'a', userProperty: 'b', idLength: 30, transactionField: 'c', cancelField: 'd' },
      loadTransaction: false,
    };
    const more = { scopeSeparator: ' ', modes: {} };
    const old: Any = core.createServer({ store: {} });
    old.authorization({ ...transactions, ...more }, found);
    for (const make of [old.decision, old.authorizationErrorHandler.bind(old)]) make(transactions);
    old.resume(transactions, found);
    old.token({ userProperty: 'b' });
    old.errorHandler({ mode: 'direct', fragment: ['token'], modes: {} });
    for (const make of [core.grant.code, core.grant.token]) make(more, found);
    const { code, refreshToken, clientCredentials, password } = core.exchange;
    for (const make of [code, refreshToken, clientCredentials, password])
      make({ userProperty: 'b', scopeSeparator: ' ' }, found);
  });

  it('are needed by nobody: no options may also be null, as there', () => {
    server.authorization(null, found);
    server.decision(null);
    core.exchange.code(null, found);
  });
});

describe('what is plugged in and is none of it', () => {
  const fresh = (): Any => core.createServer({ issuer });
  const codes = { issue: () => 'code', redeem: () => undefined };
  const context = { req: {}, res: {}, request: {} };
  const calls: readonly (readonly [what: string, call: () => unknown, message: RegExp])[] = [
    ['a service in place of a grant', () => fresh().grant(codes), /^TypeError: server\.grant needs a grant: write /],
    ['null in place of a grant', () => fresh().grant(null), /^TypeError: server\.grant needs a grant/],
    [
      'a grant in place of an exchange',
      () => fresh().exchange(core.grant.code(codes)),
      /^TypeError: server\.exchange needs an exchange: write /,
    ],
    ['two words in one', () => core.scopes(['read write']), /^TypeError: scopes\(\) takes words, not "read write"/],
    ['an empty word', () => core.scopes(['read'], { default: [''] }), /^TypeError: scopes\(\) takes words, not ""/],
  ];
  for (const [what, call, message] of calls)
    it(`${what} throws at start`, () =>
      assert.throws(call, ({ name, message: text }) => message.test(`${name}: ${text}`)));

  for (const name of ['authorization', 'decision', 'token', 'errorHandler'])
    it(`server.${name} that is not called throws at the request, and says what to write`, () => {
      const unbound = fresh();
      assert.throws(
        () => unbound[name](context, () => {}),
        new RegExp(`${name} was used as a middleware, and it makes one: write (?:server\\.)?${name}\\(\\)$`),
      );
    });
});
