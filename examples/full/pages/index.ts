/**
 * Routes for people, with a session and HTML pages. An error that cannot be sent to the client is a page, too. To add a page, add a file here and a line below.
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { AuthorizationServer, Parts } from '../authorization-server.js';
import { openConsents } from '../consents.js';
import { openPasskeys } from '../passkeys.js';
import type { WithSession } from '../sessions.js';
import { accountPages } from './account.js';
import { askedPages } from './asked.js';
import { connectedPages } from './connected.js';
import { consentPages } from './consent.js';
import { devicePages } from './device.js';
import { homePage } from './home.js';
import { loginPages } from './login.js';
import { loginForm } from './login-form.js';
import { type PageRouter, type PageState, requireUserOr } from './page.js';
import { passkeyPages, withoutRemoved } from './passkeys.js';
import { registrationPages } from './registration.js';
import { sessionPages } from './sessions.js';

export function pages(
  parts: Parts,
  { server, tokens, logouts, asked }: AuthorizationServer,
  session: readonly Middleware[],
): PageRouter {
  const { clients, storage } = parts;
  const consents = openConsents(storage.collections);
  const passkeys = openPasskeys(parts.config, storage, parts.passkeyGuard);
  const showLogin = loginForm(parts);
  const requireUser = requireUserOr(showLogin);
  const router = new Router<PageState, WithSession>();
  const [keepSession, ...login] = session;
  if (!keepSession) throw new Error('Pages need a session');
  // the error handler comes after the session, since an error must remove the transaction from the session
  router.use(keepSession, server.errorHandler({ mode: 'indirect' }), bodyParser({ enableTypes: ['form'] }), ...login);
  router.use(withoutRemoved(passkeys) as unknown as Middleware);
  for (const some of [
    homePage(),
    loginPages({ ...parts, server, showLogin }),
    consentPages({ passkeys, ...parts, server, consents, showLogin }),
    devicePages({ server, showLogin, requireUser, documents: storage.documents }),
    askedPages({ server, asked, showLogin, requireUser, documents: storage.documents }),
    accountPages({ ...parts, tokens, consents, passkeys, asked, requireUser }),
    sessionPages({ ...parts, server, tokens, logouts, requireUser }),
    passkeyPages(passkeys, requireUser),
    connectedPages({ tokens, storage, clients, consents, requireUser }),
    registrationPages({ clients, documents: storage.documents, issuer: parts.config.issuer, requireUser }),
  ]) {
    router.use(some.routes());
  }
  return router;
}
