/** What servers have besides, to see what that costs requests that do not use it. */
import type { Besides, Build } from '../servers/application.js';
import { alice, apps, ISSUER, jwtRobot } from '../servers/clients.js';

async function withKeys({ tokenService: { generateSigningKey, keySet } }: Build) {
  const keys = await keySet({ signing: await generateSigningKey('RS256') });
  return { issuer: ISSUER, keys, clients: { find: (id: string) => apps.get(id) } };
}

/** An issuer, clients and keys, and nothing that uses them. */
async function plain(build: Build): Promise<Besides> {
  return { server: await withKeys(build) };
}

/** The same with OpenID Connect, DPoP, pushed requests, and JWT access tokens for another client. */
async function plugged(build: Build): Promise<Besides> {
  const { dpop, openid, pushedRequests } = build.main;
  const { jwt, opaque } = build.tokenService;
  const [signed, unsigned] = [jwt({ audience: 'https://api.example' }), opaque()];
  return {
    server: await withKeys(build),
    tokens: { accessTokens: (_audience, { client_id }) => (client_id === jwtRobot.client_id ? signed : unsigned) },
    extensions: [openid({ findUser: () => alice }), dpop(), pushedRequests()],
  };
}

export const furnishings = { plain, plugged } as const;

export type Furnishing = keyof typeof furnishings;
