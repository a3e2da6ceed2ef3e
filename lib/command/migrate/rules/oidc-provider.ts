/** oidc-provider 9, by its source. */
import type { Library } from '../rule.js';
import { OIDC_PROVIDER_EXTENSIONS } from './oidc-provider-extensions.js';
import { OIDC_PROVIDER_FEATURES } from './oidc-provider-features.js';
import { OIDC_PROVIDER_PARTS } from './oidc-provider-parts.js';

const FRAME = `import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { type Client, createServer } from 'koauthorize';
import { keySet, memoryStore, tokenService } from 'koauthorize/tokens';

/** Yours: clients are metadata of RFC 7591, as they were; your login and your dialog. */
type App = Client & { client_id: string; client_secret?: string };
interface User {
  id: string; // the accountId
  name: string;
  loggedInAt: number;
}
declare const db: { clients: { find(id: string): Promise<App | undefined> }; users: { find(id: string): Promise<User | undefined> } };
declare const session: Middleware;
declare const login: Middleware;
declare const dialog: Middleware;

declare const privateJWKs: Parameters<typeof keySet>[0]['signing']; // those of your configuration, with kid and alg

const keys = await keySet({ signing: privateJWKs });
const service = { store: memoryStore() }; // in production lmdbStore, postgresStore or redisStore
const tokens = tokenService<App, User>(service);
const server = createServer<App, User>({
  issuer: 'https://op.example', // the same as before, or every client is a new one
  endpoints: { authorization: '/auth', token: '/token', userinfo: '/me', jwks: '/jwks', end_session: '/session/end' }, // as they were
  clients: db.clients,
  keys,
  tokens,
  authenticationEvent: ({ loggedInAt }) => ({ authenticatedAt: loggedInAt }),
});
const router = new Router();
const koa = new Koa();
koa.use(session).use(server.errorHandler()).use(router.routes());
`;

export const oidcProvider: Library = {
  name: 'oidc-provider',
  packages: ['oidc-provider'],
  frame: FRAME,
  rules: [...OIDC_PROVIDER_PARTS, ...OIDC_PROVIDER_FEATURES, ...OIDC_PROVIDER_EXTENSIONS],
  searches: [
    {
      text: 'routes, /auth, /me, /reg, /session/end in clients',
      why: 'URLs that clients have by heart instead of by discovery: keep them by createServer({ endpoints })',
    },
    {
      text: 'accountId',
      why: 'it is the sub that clients know: createServer({ subject }) must give the same, and openid({ pairwise }) the same pairwise ones',
    },
    {
      text: 'provider.Grant, grantId, loadExistingGrant',
      why: 'consents that users gave: remember them in a table of yours',
    },
    {
      text: 'the cookies _session and _interaction',
      why: 'logins are yours now, in a session of your application: users log in once more, unless your login has a session of its own',
    },
  ],
  guide: 'coming-over.md#oidc-provider',
  adopt: 'coming-over.md#oidc-provider',
};
