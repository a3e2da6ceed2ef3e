/** @jmondi/oauth2-server 4.3, by its source. */
import type { Library } from '../rule.js';
import { JMONDI_ENDPOINTS } from './jmondi-endpoints.js';
import { JMONDI_PARTS } from './jmondi-parts.js';

const FRAME = `import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { createServer } from 'koauthorize';
import { memoryStore, tokenService } from 'koauthorize/tokens';

/** Yours: your OAuthClient and OAuthUser as they are, your login and your dialog. */
interface App {
  id: string;
  secret?: string | null;
  redirectUris: string[];
  allowedGrants: string[];
  scopes: { name: string }[];
}
interface User {
  id: string;
}
declare const clientRepository: { getByIdentifier(id: string): Promise<App> };
declare const isSecretOf: (secret: string, client: App) => Promise<boolean>; // in constant time, such as by timingSafeEqual
declare const session: Middleware;
declare const login: Middleware;
declare const dialog: Middleware;

const clientID = (client: App) => client.id;
const service = {
  store: memoryStore(), // in production lmdbStore, postgresStore or redisStore
  clientID,
  isPublic: (client: App) => !client.secret,
  refreshTokens: (client: App) => client.allowedGrants.includes('refresh_token'),
};
const tokens = tokenService<App, User>(service);
const server = createServer<App, User>({
  issuer: 'https://as.example',
  clients: { find: (id) => clientRepository.getByIdentifier(id).catch(() => undefined) }, // undefined: there is no such client
  clientID,
  redirectURIs: (client) => client.redirectUris,
  tokens,
});
const router = new Router();
const koa = new Koa();
koa.use(session).use(server.errorHandler()).use(router.routes());
`;

export const jmondi: Library = {
  name: '@jmondi/oauth2-server',
  packages: ['@jmondi/oauth2-server'],
  frame: FRAME,
  rules: [...JMONDI_PARTS, ...JMONDI_ENDPOINTS],
  searches: [
    {
      text: 'allowedGrants',
      why: 'grant types of a client: the toolkit limits clients by a member grant_types, in the words of RFC 7591. Give objects with both, or refuse in validate',
    },
    {
      text: 'authRequest in a session of yours',
      why: 'the waiting request, and the CSRF token of your dialog: the toolkit keeps both in a transaction',
    },
    {
      text: 'jwt.verify, jsonwebtoken, JwtService in your APIs',
      why: 'APIs that verify access tokens as JWTs: tokens are opaque unless you say jwt() to the token service, and then they are signed by a public key',
    },
    {
      text: 'redirectUris with other ports or queries',
      why: 'the old library compares scheme, host and path only. Here redirect URIs are compared as strings, except for the port of 127.0.0.1 and [::1]',
    },
  ],
  guide: 'coming-from-jmondi-oauth2-server.md',
  adopt: 'coming-over.md#jmondioauth2-server',
};
