/** Mistakes that people make, each a small real server: the name of the rule that has to find it, and what is examined. */

import { bodyParser } from '@koa/bodyparser';
import { exchange, grant, introspection, jwks, jwtResponses, metadata, pkce, revocation, scopes } from 'koauthorize';
import type { DiagnoseOptions, DiagnosisTarget } from 'koauthorize/doctor';
import { generateSigningKey, jwt, keySet, rotatingKeys } from 'koauthorize/tokens';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { foreignServer, patientWith, sessionsInMemory, soundMetadata, usual, WEB } from '../support/patient.js';

/** What is wrong, and how it is examined. */
export interface Seeded {
  readonly patient: DiagnosisTarget;
  readonly options?: DiagnoseOptions;
  /** Other rules that find the same mistake, or another one that comes with it. */
  readonly also?: readonly string[];
  stop?(): unknown;
}

type Make = () => Seeded | Promise<Seeded>;
const ill = (...args: Parameters<typeof patientWith>): Seeded => ({ patient: patientWith(...args) });
const DAY = 86_400;

async function foreign(change: object, answers: Parameters<typeof foreignServer>[1] = {}): Promise<Seeded> {
  const { url, stop } = await foreignServer((url) => ({ ...soundMetadata(url), ...change }), answers);
  return { patient: { url }, stop };
}

async function rotating(more: object, tokens: object = {}): Promise<Seeded> {
  const keys = await rotatingKeys({ store: memoryStore(), secret: 'x'.repeat(32), ...more });
  const plug: NonNullable<Parameters<typeof patientWith>[0]>['plug'] = (server, service) => {
    usual(server, service);
    server.extend(jwks());
  };
  const stop = () => keys.close();
  return {
    ...ill({ options: { keys }, tokens: { accessTokens: jwt({ audience: 'https://api.example' }), ...tokens }, plug }),
    stop,
  };
}

const client = (more: object) => [{ ...WEB, ...more }];

export const SEEDS: Readonly<Record<string, Make>> = {
  notStarting: () => ({
    ...ill({
      plug(server, tokens) {
        usual(server, tokens);
        server.extend(jwtResponses());
      },
    }),
    also: ['metadataMissing'],
  }),
  pkceMissing: () =>
    ill({
      plug: (server, tokens) =>
        server.extend(
          scopes(['read', 'write']),
          revocation(tokens.revoke),
          introspection(tokens.introspect),
          metadata(),
        ),
    }),
  pkcePlain: () => foreign({ code_challenge_methods_supported: ['S256', 'plain'] }),
  mixUp: () =>
    ill({
      issuer: undefined,
      proxy: false,
      plug: (server, tokens) => server.extend(pkce(), scopes(['read', 'write']), revocation(tokens.revoke)),
    }),
  implicitGrant: () =>
    ill({
      plug(server, tokens) {
        usual(server, tokens);
        server.grant(grant.token(tokens.token));
      },
    }),
  passwordGrant: () =>
    ill({
      plug(server, tokens) {
        usual(server, tokens);
        server.exchange(exchange.password(() => false));
      },
    }),
  revocationMissing: () => ill({ plug: (server) => server.extend(pkce(), scopes(['read', 'write']), metadata()) }),
  introspectionPublic: async () => {
    const { url, stop } = await foreignServer(
      (url) => ({ ...soundMetadata(url), introspection_endpoint: `${url}/introspect` }),
      { '/introspect': { body: { active: false } } },
    );
    return { patient: { url }, stop };
  },
  corsOnAuthorize: () =>
    ill({
      wire: ({ app, server, router, session }) =>
        app
          .use(async (ctx, next) => {
            ctx.set('Access-Control-Allow-Origin', '*');
            await next();
          })
          .use(session)
          .use(server.errorHandler())
          .use(router.routes()),
    }),
  issuerPlainHTTP: () => ({
    ...ill({ issuer: 'http://localhost:3000', proxy: false }),
    options: { production: true },
    also: ['storeVolatile'],
  }),
  issuerMismatch: () => foreign({ issuer: 'http://127.0.0.1/' }),
  serverUnreachable: () => ({ patient: { url: 'http://127.0.0.1:1' }, stop: async () => {} }),
  metadataMissing: () => ({ ...ill({ mount: false }), also: ['endpointMissing'] }),
  metadataOrigin: () =>
    ill({
      plug: (server, tokens) =>
        server.extend(
          pkce(),
          scopes(['read', 'write']),
          revocation(tokens.revoke),
          metadata({
            service_documentation: 'https://docs.example',
            registration_endpoint: 'https://staging.example/register',
          } as object),
        ),
    }),
  endpointMissing: () => ill({ options: { endpoints: { authorization: '/oauth/authorize' } } }),
  proxyAndHTTPS: () => ill({ proxy: false }),
  errorHandlerPlace: () =>
    ill({
      wire: ({ app, server, router, session }) => app.use(session).use(router.routes()).use(server.errorHandler()),
    }),
  sessionPlace: () =>
    ill({
      wire: ({ app, server, router, session }) => app.use(server.errorHandler()).use(session).use(router.routes()),
    }),
  clientAuthenticationMissing: () =>
    ill({
      mount: false,
      plug: (server, tokens) => server.extend(pkce(), scopes(['read', 'write']), revocation(tokens.revoke)),
      routes: (router, server) =>
        router.post('/token', bodyParser(), server.token()).post('/revoke', server.route('revocation')),
    }),
  cookieSession: () => ({
    ...ill({ session: { key: 'session', sameSite: 'lax' } }),
    options: { production: true },
    also: ['storeVolatile'],
  }),
  cookieFlags: () => ill({ session: { key: 'session', sameSite: 'lax', httpOnly: false, store: sessionsInMemory() } }),
  cookieKeys: () => ill({ keys: [''] }),
  sameSite: () => ill({ session: { key: 'session', sameSite: 'none', store: sessionsInMemory() } }),
  bodyLimit: () =>
    ill({
      wire: ({ app, server, router, session }) =>
        app
          .use(session)
          .use(server.errorHandler())
          .use(bodyParser({ formLimit: '10mb' }))
          .use(router.routes()),
    }),
  registrationMisnamed: () =>
    ill({ clients: client({ redirect_uris: undefined, redirect_uri: 'https://web.example/callback' }) }),
  authMethodNotPluggedIn: () => ill({ clients: client({ token_endpoint_auth_method: 'client_secret_baisc' }) }),
  redirectURIWildcard: () => ill({ clients: client({ redirect_uris: ['https://*.web.example/callback'] }) }),
  redirectURIPlainHTTP: () => ill({ clients: client({ redirect_uris: ['http://web.example/callback'] }) }),
  secretPlain: () =>
    ill({ clients: client({ client_secret_hash: undefined, client_secret: 'a secret that is long enough' }) }),
  secretShort: () => ({
    ...ill({ clients: client({ client_secret_hash: undefined, client_secret: 'secret' }) }),
    also: ['secretPlain'],
  }),
  grantNotPluggedIn: () => ill({ clients: client({ grant_types: ['authorization_code', 'client_credentials'] }) }),
  scopeMismatch: () => ill({ clients: client({ scope: 'read wriet' }) }),
  tokenLifetime: () => ill({ tokens: { lifetimes: { accessToken: 30 * DAY } } }),
  audienceTooWide: () =>
    rotating({}, { accessTokens: jwt({ audience: ['https://api.example', 'https://mail.example'] }) }),
  keyAge: () => rotating({ every: 1000 * DAY }),
  keyOverlap: () => rotating({ longestToken: 60 }),
  keysUnpublished: async () =>
    ill({
      options: { keys: await keySet({ signing: await generateSigningKey('ES256') }) },
      tokens: { accessTokens: jwt({ audience: 'https://api.example' }) },
    }),
  privateKeyPublished: () =>
    ill({
      routes: (router) =>
        router.get('/keys', (ctx) => {
          ctx.body = { keys: [{ kty: 'EC', kid: '1', crv: 'P-256', x: 'x', y: 'y', d: 'd' }] };
        }),
      plug(server, tokens) {
        server.extend(pkce(), scopes(['read', 'write']), revocation(tokens.revoke));
        server.extend(metadata({ jwks_uri: '/keys' }));
      },
    }),
  weakAlgorithm: () => foreign({ jwks_uri: undefined, id_token_signing_alg_values_supported: ['RS256', 'none'] }),
  clockSkew: () => {
    const inner = memoryStore();
    const marked = inner.consume.bind(inner);
    /** As a database whose machine is five minutes ahead. */
    const consume: typeof marked = async (id, consumption) => {
      const used = await marked(id, consumption);
      return used && { ...used, now: Date.now() / 1000 + 300 };
    };
    return ill({ store: Object.assign(inner, { consume }) });
  },
  storeIncomplete: () => {
    const store = memoryStore();
    return ill({
      store: Object.assign(store, { lacks: async () => ['koauthorize_tokens has no index koauthorize_tokens_expiry'] }),
    });
  },
  storeVolatile: () => ({ ...ill(), options: { production: true } }),
};
