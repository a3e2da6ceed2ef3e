/** @node-oauth/oauth2-server 5.3, oauth2-server 3.1, and their wrappers for Express and Koa, by their sources. */
import type { Library } from '../rule.js';
import { NODE_OAUTH_ENDPOINTS } from './node-oauth-endpoints.js';
import { NODE_OAUTH_MODEL } from './node-oauth-model.js';

const FRAME = `import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { createServer } from 'koauthorize';
import { memoryStore, tokenService } from 'koauthorize/tokens';

/** Yours: what the model gives as a client and as a user, your login and your dialog. */
interface App {
  id: string;
  redirectUris: string[];
  grants: string[];
  isPublic: boolean;
}
interface User {
  id: string;
}
declare const db: { clients: { find(id: string): Promise<App | undefined> } }; // getClient without the secret
declare const isSecretOf: (secret: string, client: App) => Promise<boolean>; // in constant time, such as by timingSafeEqual
declare const session: Middleware;
declare const login: Middleware;
declare const dialog: Middleware;

const clientID = (client: App) => client.id;
const service = {
  store: memoryStore(), // in production lmdbStore, postgresStore or redisStore
  clientID,
  isPublic: (client: App) => client.isPublic,
  refreshTokens: (client: App) => client.grants.includes('refresh_token'),
};
const tokens = tokenService<App, User>(service);
const server = createServer<App, User>({
  issuer: 'https://as.example',
  clients: db.clients,
  clientID,
  redirectURIs: (client) => client.redirectUris,
  tokens,
});
const router = new Router();
const koa = new Koa();
koa.use(session).use(server.errorHandler()).use(router.routes());
`;

export const nodeOAuth: Library = {
  name: '@node-oauth/oauth2-server',
  packages: [
    '@node-oauth/oauth2-server',
    '@node-oauth/express-oauth-server',
    'oauth2-server',
    'express-oauth-server',
    'koa-oauth-server',
    'koa2-oauth-server',
  ],
  frame: FRAME,
  rules: [...NODE_OAUTH_MODEL, ...NODE_OAUTH_ENDPOINTS],
  searches: [
    {
      text: 'grants of your clients',
      why: 'the toolkit limits clients by a member grant_types, in the words of RFC 7591. Give objects with both, or refuse in validate',
    },
    {
      text: 'requests without state',
      why: 'the old server refuses them unless allowEmptyState; here state is the business of the client, which is protected by PKCE and iss',
    },
    {
      text: 'expectations of 503, unauthorized_request, invalid_argument',
      why: 'errors that only the old library has: clients get the codes of RFC 6749',
    },
  ],
  guide: 'coming-over.md#node-oauthoauth2-server',
  adopt: 'coming-over.md#node-oauthoauth2-server',
};
