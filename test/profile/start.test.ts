/** What each profile finds before the first request, where it applies to all clients. */
import assert from 'node:assert/strict';
import {
  backchannelAuthentication,
  createServer,
  dpop,
  exchange,
  grant,
  introspection,
  jwks,
  openid,
  type Plug,
  pkce,
  pushedRequests,
  requestObjects,
  type Server,
} from 'koauthorize';
import { clientAuthentication, clientSecretBasic, none, privateKeyJwt } from 'koauthorize/client-auth';
import { fapiCIBA } from 'koauthorize/profile/fapi-ciba';
import { fapi2 } from 'koauthorize/profile/fapi2';
import { fapi2MessageSigning } from 'koauthorize/profile/fapi2-message-signing';
import { legacy } from 'koauthorize/profile/legacy';
import { mcpProfile } from 'koauthorize/profile/mcp';
import { oauth21 } from 'koauthorize/profile/oauth21';
import {
  ephemeralStore,
  generateSigningKey,
  keySet,
  memoryStore,
  type TokenService,
  tokenService,
} from 'koauthorize/tokens';
import { ISSUER } from '../support/authorization-server.js';
import { rsaKey } from '../support/openid-server.js';
import type { App, User } from './house.js';
import { without } from './without.js';

type Plugging = (server: Server<App, User>, tokens: TokenService<App, User>) => unknown;

interface Configuration {
  /** Before the profile. */
  readonly plug?: Plugging;
  readonly methods?: 'basic' | 'none' | 'any algorithm';
  readonly keys?: 'RS256';
  readonly issuer?: string;
  readonly tokens?: 'none';
  readonly ciba?: 'none';
  readonly grants?: 'after the profile';
  readonly introspection?: true;
}

const ALGORITHMS = ['PS256', 'ES256'] as const;

const PROFILES: Readonly<Record<string, (configuration: Configuration) => readonly Plug<App, User>[]>> = {
  oauth21: () => oauth21<App, User>(),
  fapi2: () => fapi2<App, User>(),
  fapi2MessageSigning: ({ introspection = false }) => fapi2MessageSigning<App, User>({ introspection }),
  fapiCIBA: () => fapiCIBA<App, User>(),
  legacy: () => legacy<App, User>(),
  mcp: () => mcpProfile<App, User>({ resource: 'https://mcp.example', scopes: ['openid'], documents: false }),
};

const useOnce = async () => true;

function methodsOf(profile: string, { methods, tokens }: Configuration) {
  const strong = privateKeyJwt<App>({ algorithms: ALGORITHMS, ...(tokens === 'none' && { useOnce }) });
  if (methods === 'basic') return [strong, clientSecretBasic<App>()];
  if (methods === 'any algorithm') return [privateKeyJwt<App>()];
  return methods === 'none' || profile === 'mcp' ? [strong, none<App>()] : [strong];
}

function plugGrants(server: Server<App, User>, tokens: TokenService<App, User>): void {
  server
    .grant(grant.code(tokens.code))
    .exchange(exchange.code(tokens.code))
    .exchange(exchange.refreshToken(tokens.refreshToken));
}

const CIBA: Plugging = (server) =>
  server.extend(
    openid<App, User>(),
    jwks(),
    backchannelAuthentication<App, User>({ findUser: () => undefined, ask: () => {}, algorithms: ALGORITHMS }),
  );

async function start(profile: string, configuration: Configuration): Promise<void> {
  const { plug, keys: alg = 'ES256', issuer = ISSUER, grants } = configuration;
  const tokens = tokenService<App, User>({ store: memoryStore() });
  const rest = alg === 'RS256' ? [] : [await rsaKey()]; // which openid() needs, and which is not the usual one
  const keys = await keySet({ signing: [alg === 'RS256' ? await rsaKey() : await generateSigningKey(alg), ...rest] });
  const options = { issuer, clients: { find: () => undefined }, keys };
  const server = createServer<App, User>({ ...options, ...(configuration.tokens !== 'none' && { tokens }) });
  if (!grants) plugGrants(server, tokens);
  if (profile === 'fapiCIBA' && configuration.ciba !== 'none') CIBA(server, tokens);
  plug?.(server, tokens);
  server.extend(...(PROFILES[profile]?.(configuration) ?? []));
  if (grants) plugGrants(server, tokens);
  clientAuthentication<App>({ server, methods: methodsOf(profile, configuration) });
  server.check();
}

/** Something that is plugged in or missing, and the profiles that do not start with it, by the name of the rule. */
interface Row extends Configuration {
  readonly thing: string;
  readonly rule: string;
  readonly refusedBy: readonly string[];
}

const FAPI = ['fapi2', 'fapi2MessageSigning', 'fapiCIBA'];
const CODE_ONLY = ['oauth21', ...FAPI, 'legacy'];

const ROWS: readonly Row[] = [
  {
    thing: 'the implicit grant',
    plug: (server, tokens) => server.grant(grant.token(tokens.token)),
    rule: 'implicit grant|response type',
    refusedBy: [...CODE_ONLY, 'mcp'],
  },
  {
    thing: 'the response type code id_token',
    plug: (server, tokens) => {
      if (!server.core.extension('openid')) server.extend(openid<App, User>(), jwks());
      server.grant('code id_token', {
        issue: async (txn, authorization) => ({ code: await tokens.code.issue(txn, authorization) }),
        responseMode: 'fragment',
        name: 'code id_token',
      });
    },
    rule: 'response type',
    refusedBy: FAPI,
  },
  {
    thing: 'the password grant',
    plug: (server, tokens) => server.exchange(exchange.password(tokens.password)),
    rule: 'password grant',
    refusedBy: [...CODE_ONLY, 'mcp'],
  },
  {
    thing: 'an exchange by hand',
    plug: (server) => server.exchange('urn:by-hand', (ctx) => void ctx),
    rule: 'exchange by hand',
    refusedBy: FAPI,
  },
  {
    thing: 'pkce({ allowPlain: true })',
    plug: (server) => server.extend(pkce({ allowPlain: true })),
    rule: 'plain PKCE',
    refusedBy: [...FAPI, 'mcp'],
  },
  { thing: 'clients with a secret', methods: 'basic', rule: 'client secret', refusedBy: FAPI },
  { thing: 'clients without authentication', methods: 'none', rule: 'client secret', refusedBy: FAPI },
  { thing: 'assertions by RS256', methods: 'any algorithm', rule: 'algorithm of assertions', refusedBy: FAPI },
  {
    thing: 'DPoP proofs by RS256',
    plug: (server) => server.extend(dpop({ algorithms: ['RS256'] })),
    rule: 'algorithm of DPoP proofs',
    refusedBy: FAPI,
  },
  {
    thing: 'request objects by RS256',
    plug: (server) => server.extend(requestObjects({ algorithms: ['RS256'] })),
    rule: 'algorithm of request objects',
    refusedBy: FAPI,
  },
  { thing: 'RS256 as the usual algorithm', keys: 'RS256', rule: 'algorithm of the server', refusedBy: FAPI },
  { thing: 'an issuer without TLS', issuer: 'http://localhost:3000', rule: 'issuer without TLS', refusedBy: FAPI },
  {
    thing: 'pushedRequests({ lifetime: 600 })',
    plug: (server) => server.extend(pushedRequests({ lifetime: 600 })),
    rule: 'request_uri lifetime',
    refusedBy: FAPI,
  },
  { thing: 'grants that come after the profile', grants: 'after the profile', rule: 'not pushed', refusedBy: FAPI },
];

describe('profiles: a server before its first request', () => {
  for (const profile of Object.keys(PROFILES)) it(`${profile}: starts with what it needs`, () => start(profile, {}));
});

for (const { thing, rule, refusedBy, ...configuration } of ROWS)
  describe(`profiles: a server with ${thing}`, () => {
    // methods without none() are a row of their own in test/spec/mcp.test.ts
    for (const profile of Object.keys(PROFILES).filter((name) => name !== 'mcp' || !configuration.methods))
      it(`${profile}: ${refusedBy.includes(profile) ? 'does not start' : 'starts'}`, async () => {
        if (!refusedBy.includes(profile)) return start(profile, configuration);
        await assert.rejects(start(profile, configuration), ({ message }: Error) => {
          const name = profile === 'mcp' ? 'mcpProfile' : profile;
          assert.match(message, new RegExp(`^${name}: (${rule}): ${name}\\(\\) forbids`));
          return true;
        });
      });
  });

describe('profiles: a server without the rule that would refuse it', () => {
  for (const { thing, rule, refusedBy, ...configuration } of ROWS)
    for (const profile of refusedBy)
      it(`${profile}: starts with ${thing}`, () => without(rule.split('|'), () => start(profile, configuration)));
});

describe('profiles: parts that a server lacks', () => {
  it('two profiles start together on a server without an authorization endpoint', () => {
    const server = createServer<App, User>({ issuer: ISSUER, tokens: tokenService({ store: memoryStore() }) });
    server.extend(...fapi2<App, User>({ appliesTo: ({ profile }) => profile === 'fapi2' }));
    server.extend(...fapi2MessageSigning<App, User>({ appliesTo: () => false, requests: false, responses: false }));
    server.check();
  });

  it('fapi2 needs the token service', async () => {
    const store = ephemeralStore(memoryStore());
    const plug: Plugging = (server) => server.extend(dpop({ useOnce }), pushedRequests({ store }));
    await assert.rejects(start('fapi2', { tokens: 'none', plug }), /^Error: fapi2: tokens by hand/);
    await without(['tokens by hand'], () => start('fapi2', { tokens: 'none', plug }));
  });

  it('fapi2MessageSigning({ introspection: true }) needs an endpoint that signs', async () => {
    const signing = (jwtResponses: boolean) => {
      const plug: Plugging = (server, tokens) => server.extend(introspection(tokens.introspect, { jwtResponses }));
      return start('fapi2MessageSigning', { plug, introspection: true });
    };
    await assert.rejects(signing(false), /fapi2MessageSigning: unsigned introspection/);
    await signing(true);
    await without(['unsigned introspection'], () => signing(false));
  });

  it('fapiCIBA needs CIBA', async () => {
    await assert.rejects(start('fapiCIBA', { ciba: 'none' }), /fapiCIBA: no CIBA/);
    await without(['no CIBA'], () => start('fapiCIBA', { ciba: 'none' }));
  });
});
