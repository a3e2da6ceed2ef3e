/** The doctor says nothing of servers that are as they should be. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Router from '@koa/router';
import {
  deviceAuthorization,
  dpop,
  jwks,
  metadata,
  openid,
  pkce,
  pushedRequests,
  resourceIndicators,
  revocation,
  scopes,
} from 'koauthorize';
import { none, privateKeyJwt } from 'koauthorize/client-auth';
import { type DiagnoseOptions, type DiagnosisTarget, diagnose } from 'koauthorize/doctor';
import { generateSigningKey, jwt, keySet, lmdbStore, rotatingKeys } from 'koauthorize/tokens';
import { authorizationServer } from '../../examples/mcp/authorization-server.js';
import { passportServer } from '../../examples/passport/server.js';
import { quickstart } from '../../examples/quickstart/server.js';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { startFull } from '../support/full.js';
import { foreignServer, patientWith, soundMetadata, usual, WEB } from '../support/patient.js';
import { startQuickstart } from '../support/quickstart.js';

interface Healthy {
  readonly patient: DiagnosisTarget;
  readonly options?: DiagnoseOptions;
  stop?(): unknown;
}

/** Needed by every OpenID Provider. */
const authenticationEvent = () => ({ authenticatedAt: 1 });

const asProvider: NonNullable<NonNullable<Parameters<typeof patientWith>[0]>['plug']> = (server, tokens) =>
  server.extend(pkce(), scopes(['openid', 'read', 'write']), revocation(tokens.revoke), metadata(), openid(), jwks());

const HEALTHY: Readonly<Record<string, () => Healthy | Promise<Healthy>>> = {
  'the quickstart, its module': async () => ({
    patient: { app: await quickstart('http://localhost:3000', memoryStore()) },
  }),
  'the quickstart, running': async () => {
    const { url, stop } = await startQuickstart();
    return { patient: { url }, stop };
  },
  'the full example, running': async () => {
    const { issuer, stop } = await startFull();
    return { patient: { url: issuer }, stop };
  },
  'the MCP example': () => {
    const { app } = authorizationServer('http://localhost:3000', 'http://localhost:3001/mcp');
    return { patient: { app } };
  },
  'the Passport example': () => ({ patient: { app: passportServer() } }),
  'a server behind a proxy': () => ({ patient: patientWith() }),
  'the same in production, on lmdb': async () => {
    const path = await mkdtemp(join(tmpdir(), 'koauthorize-doctor-'));
    const store = lmdbStore({ path });
    const stop = async () => {
      await store.close();
      await rm(path, { recursive: true, force: true });
    };
    return { patient: patientWith({ store }), options: { production: true }, stop };
  },
  'an OpenID Provider with rotating keys and JWTs by resource': async () => {
    const keys = await rotatingKeys({ store: memoryStore(), secret: 'x'.repeat(32) });
    const format = jwt({ audience: 'https://api.example/' });
    const patient = patientWith({
      options: { keys, authenticationEvent },
      clients: [{ ...WEB, scope: 'openid read write' }],
      plug(server, tokens) {
        server.extend(pkce(), scopes(['openid', 'read', 'write']), revocation(tokens.revoke), metadata());
        server.extend(openid(), jwks());
        server.extend(
          resourceIndicators({
            resources: { 'https://api.example/': { scopes: ['read', 'write'], accessTokens: format } },
          }),
        );
      },
    });
    return { patient, stop: () => keys.close() };
  },
  'an OpenID Provider whose JWTs are for one API and for UserInfo': async () => ({
    patient: patientWith({
      options: { keys: await keySet({ signing: await generateSigningKey('RS256') }), authenticationEvent },
      clients: [{ ...WEB, scope: 'openid read write' }],
      tokens: { accessTokens: jwt({ audience: ['https://api.example', 'https://as.example'] }) },
      plug: asProvider,
    }),
  }),
  'an OpenID Provider with UserInfo and an API as resources of their own': async () => ({
    patient: patientWith({
      clients: [{ ...WEB, scope: 'openid read write' }],
      options: { keys: await keySet({ signing: await generateSigningKey('RS256') }), authenticationEvent },
      plug(server, tokens) {
        asProvider(server, tokens);
        const api = { accessTokens: jwt({ audience: 'https://api.example' }) };
        const resources = { 'https://as.example': {}, 'https://api.example': api };
        server.extend(resourceIndicators({ resources, defaultResource: 'https://as.example' }));
      },
    }),
  }),
  'a server with DPoP, pushed requests and clients with keys': async () => {
    const keys = await keySet({ signing: await generateSigningKey('ES256') });
    const client = { ...WEB, client_secret_hash: undefined, token_endpoint_auth_method: 'private_key_jwt' };
    return {
      patient: patientWith({
        options: { keys },
        clients: [client as unknown as typeof WEB],
        methods: [privateKeyJwt()],
        plug(server, tokens) {
          usual(server, tokens);
          server.extend(dpop(), pushedRequests(), jwks());
        },
      }),
    };
  },
  'a server under a path, for public clients in browsers and devices': () => ({
    patient: patientWith({
      issuer: 'https://as.example/tenant',
      options: { allowOrigins: ['https://spa.example'] },
      methods: [none()],
      clients: [
        { ...WEB, client_id: 'spa', client_secret_hash: undefined as never, token_endpoint_auth_method: 'none' },
      ],
      plug(server, tokens) {
        usual(server, tokens);
        server.extend(deviceAuthorization());
      },
      routes: (router, server) =>
        router
          .prefix('/tenant')
          .all('/device', server.route('device_verification'), (ctx) => {
            ctx.body = 'Which code?';
          })
          .post('/device/decision', server.route('device_decision')),
      wire({ app, server, router, session }) {
        const root = new Router(); // the document is at the root of the host
        root.all('/.well-known/oauth-authorization-server/tenant', server.route('metadata'));
        app.use(session).use(server.errorHandler()).use(root.routes()).use(router.routes());
      },
    }),
  }),
  'a server that is not ours': async () => {
    const { url, stop } = await foreignServer(soundMetadata);
    return { patient: { url }, stop };
  },
};

describe('the doctor has nothing to say of', () => {
  for (const [what, make] of Object.entries(HEALTHY))
    it(what, async () => {
      const { patient, options, stop } = await make();
      try {
        const { findings, examined } = await diagnose(patient, options);
        assert.deepEqual(
          findings.filter(({ severity }) => severity !== 'relaxation').map(({ rule, found }) => `${rule}: ${found}`),
          [],
        );
        assert.ok(examined.length >= 3, examined.join(', '));
      } finally {
        await stop?.();
      }
    });
});
