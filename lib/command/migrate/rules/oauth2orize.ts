/** oauth2orize 1.12, by its source. */
import type { Library } from '../rule.js';
import { OAUTH2ORIZE_ENDPOINTS } from './oauth2orize-endpoints.js';
import { OAUTH2ORIZE_GRANTS } from './oauth2orize-grants.js';

/** The frame for oauth2orize and oauth2orize-koa. */
export const OAUTH2ORIZE_FRAME = `import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { createServer } from 'koauthorize';
import { memoryStore, tokenService } from 'koauthorize/tokens';

/** Yours: your tables as they are, your login and your dialog. */
interface App {
  id: string;
  redirectURIs: string[];
}
interface User {
  id: string;
}
declare const db: { clients: { find(id: string): Promise<App | undefined> } };
declare const isSecretOf: (secret: string, client: App) => Promise<boolean>; // in constant time, such as by timingSafeEqual
declare const session: Middleware;
declare const login: Middleware;
declare const dialog: Middleware;

const clientID = (client: App) => client.id;
const redirectURIs = (client: App) => client.redirectURIs;
const service = { store: memoryStore(), clientID }; // in production lmdbStore, postgresStore or redisStore
const tokens = tokenService<App, User>(service);
const server = createServer<App, User>({
  issuer: 'https://as.example',
  clients: db.clients,
  clientID,
  redirectURIs,
  tokens,
});
const router = new Router();
const koa = new Koa();
koa.use(session).use(server.errorHandler()).use(router.routes());
`;

export const OAUTH2ORIZE_CARRIER = /\.\s*(?:grant|exchange)\s*\(\s*$/;

export const OAUTH2ORIZE_SEARCHES: Library['searches'] = [
  {
    text: 'redirectURI, redirect_uri, redirectUri',
    why: 'a comparison by hand may accept more than the registered URIs, character by character. The toolkit compares them itself, and clients whose URI differs are refused',
  },
  {
    text: 'session.authorize',
    why: 'dialogs that wait in sessions when you switch. What oauth2orize-koa stored there is still answered',
  },
  {
    text: '403, 501, Unauthorized',
    why: 'tests and clients that expect the statuses of the old library: RFC 6749 §5.2 has 400, and 401 for invalid_client',
  },
  {
    text: 'uid(, randomBytes, utils.uid',
    why: 'makers of codes and tokens: the token service makes them, and stores hashes only',
  },
];

export const oauth2orize: Library = {
  name: 'oauth2orize',
  packages: ['oauth2orize'],
  relatedPrefix: 'oauth2orize-',
  carrier: OAUTH2ORIZE_CARRIER,
  frame: OAUTH2ORIZE_FRAME,
  rules: [
    ...OAUTH2ORIZE_GRANTS,
    ...OAUTH2ORIZE_ENDPOINTS,
    {
      name: 'dialog-state',
      pattern: /\breq\.oauth2\b/,
      counts: 'anywhere',
      found: 'the transaction in the request of Express',
      write: `import type { OAuth2State } from 'koauthorize';

const yourDialog: Middleware<OAuth2State<App, User>> = (ctx) => {
  const { transactionID, client, req } = ctx.state.oauth2;
  ctx.body = { transaction_id: transactionID, client: client.id, scope: req.scope }; // your page, which posts transaction_id
};`,
      docs: 'sessions-and-transactions.md#what-a-dialog-needs',
    },
  ],
  searches: [
    ...OAUTH2ORIZE_SEARCHES,
    {
      text: 'done(',
      why: 'callbacks that call done: return a value, or a promise, and throw errors',
    },
  ],
  guide: 'coming-from-oauth2orize.md',
  adopt: 'coming-over.md#oauth2orize-and-oauth2orize-koa',
};
