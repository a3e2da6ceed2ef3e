/** Composes the server from a configuration and a storage. The middleware is in the order in which it handles a request. */
import Koa, { type Middleware } from 'koa';
import { requestTarget } from 'koauthorize';
import { protectedResource } from 'koauthorize/resource-server';
import { api } from './api.js';
import { authorizationServer, type Parts } from './authorization-server.js';
import { openClients } from './clients.js';
import type { Config } from './config.js';
import { corsWhereNeeded } from './cors.js';
import { apiOf } from './credentials.js';
import { demo } from './demo/index.js';
import { openRegistered } from './dynamic-registration.js';
import { health } from './health.js';
import { cookieKeys, limitSecret, signingKeys } from './keys.js';
import { type Logger, logErrors, logEvents, logger, logPeople, logRefusals } from './logging.js';
import { errorPages } from './pages/errors.js';
import { pages } from './pages/index.js';
import { programs } from './programs.js';
import { clientThrottle, passkeyGuard, passwordGuard, strangerLimits } from './rate-limits.js';
import { API_SCOPES } from './scopes.js';
import { headers } from './security.js';
import { readSeed } from './seed.js';
import { openSessionList } from './session-list.js';
import { sessions } from './sessions.js';
import type { Storage } from './storage/index.js';
import { openUsers } from './users.js';

async function partsOf(config: Config, storage: Storage, log: Logger): Promise<Parts> {
  const seed = await readSeed(config.issuer, config.seed);
  const secret = await limitSecret(storage.collections);
  const registered = config.registration.kind === 'nobody' ? undefined : openRegistered(storage);
  return {
    config,
    storage,
    clients: openClients(seed.clients, storage.collections, registered),
    registered,
    users: await openUsers(seed.users),
    sessionList: openSessionList(storage.collections, storage.documents),
    keys: await signingKeys(config, storage, (error) => log.error({ event: 'keys', error: String(error) })),
    guard: passwordGuard(storage, secret),
    passkeyGuard: passkeyGuard(storage, secret),
    throttle: clientThrottle(storage, secret),
    limits: strangerLimits(storage, secret),
  };
}

/** Names the process that answered, so that an operator can find a process that does not answer. */
const namesProcess: Middleware = (ctx, next) => {
  ctx.set('X-Process', `${process.pid}`);
  return next();
};

function koa({ issuer, proxies, workers }: Config, keys: string[], log: Logger): Koa {
  const app = new Koa();
  app.keys = keys;
  app.proxy = proxies > 0; // the address of a client is then the one that our own proxies add,
  app.maxIpsCount = proxies; // and not one that the browser wrote before them
  app.on('error', logErrors(log)).on('refusal', logRefusals(log)).on('person', logPeople(log));
  if (workers > 1) app.use(namesProcess);
  const audience = issuer.startsWith('https:') ? 'users' : 'developers';
  app.use(errorPages(audience)).use(requestTarget()).use(headers({ issuer }));
  return app;
}

export async function fullExample(config: Config, storage: Storage, log = logger(config.logLevel)): Promise<Koa> {
  const parts = await partsOf(config, storage, log);
  const { users } = parts;
  const authorization = authorizationServer(parts);
  logEvents(log, authorization.tokens);

  const cookies = config.keys.length > 0 ? [...config.keys] : await cookieKeys(storage.collections);
  const app = koa(config, cookies, log);
  app.use(health(storage)).use(corsWhereNeeded);

  // for programs
  const resource = protectedResource({
    resource: apiOf(config),
    authorization_servers: [config.issuer],
    scopes_supported: API_SCOPES,
    resource_name: 'Notes',
  });
  app.use(resource).use(programs(parts, authorization).routes());
  const { verify, proofs } = authorization;
  app.use(api({ resource, verify, proofs, users, collections: storage.collections }).routes());

  // for people
  app.use(pages(parts, authorization, sessions(app, config, storage.documents, users)).routes());

  // another party, in this process only so that one command starts both. Remove this line in production
  app.use(demo(config.issuer, storage.documents).routes());
  return app;
}
