/**
 * The demo application: a client, in the same process only so that one command starts both. It calls the server over HTTP, as from another machine, and shows
 * each request and response. It implements by hand what a real client leaves to a library such as openid-client. Remove this folder from a production server.
 */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import type { Context } from 'koa';
import { callAPI, introspect, loggedOut, logOut, print, refresh, replay, reuse, revoke, steal } from './actions.js';
import { CLIENT_ID, OPERATIONS, operation, PAYMENT, redirectURI, SCOPES } from './client.js';
import { finish, start, wasAnswered, wasAskedFor } from './flow.js';
import { endedSession } from './logout-token.js';
import { reading } from './reading.js';
import { second } from './second.js';
import { decodeJWT } from './show.js';
import { demoPage } from './views.js';
import { begin, csrfOf, type Documents, isOwnForm, newVisit, type Visit, visitID, visits, type Wish } from './visit.js';

type Form = Readonly<Record<string, unknown>>;
/** Does something for a visit. If it returns a URL, the browser is redirected there, else back to the page. */
type Action = (visit: Visit, form: Form) => Promise<unknown>;

const PAGE = '/demo';
const STALE = 'This page was open for too long. Please try again.';

/** The request that the form asks for. */
function wishOf({ scope, payment, verifier, push, dpop, prompt, acr }: Form): Wish {
  const chosen = [scope].flat();
  const known = SCOPES.map(([name]) => name).filter((name) => chosen.includes(name));
  const details = payment === 'stamp' ? [PAYMENT] : [];
  if (known.length + details.length === 0) throw new Error('Choose at least one thing to ask for.');
  return {
    scope: known.join(' '),
    details,
    sends: verifier === 'wrong' ? 'wrong' : 'right',
    via: push === 'yes' ? 'push' : 'browser',
    tokens: dpop === 'yes' ? 'bound' : 'bearer',
    prompt: prompt === 'consent' ? 'consent' : undefined,
    acr: typeof acr === 'string' && /^[\w:.-]{1,100}$/.test(acr) ? acr : undefined,
  };
}

function actionsFor(issuer: string, now: () => number): Readonly<Record<string, Action>> {
  return {
    start: (visit, form) => start(visit, issuer, wishOf(form)),
    api: (visit, form) => callAPI(visit, issuer, operation(form['operation']) ?? OPERATIONS.profile),
    print: (visit) => print(visit, issuer, now()),
    introspect: (visit) => introspect(visit),
    refresh: (visit) => refresh(visit, issuer, now()),
    logout: async (visit) => logOut(visit, issuer),
    reuse: (visit) => reuse(visit, now()),
    steal: (visit) => steal(visit, issuer),
    replay: (visit) => replay(visit, issuer, now()),
    revoke,
  };
}

/** Runs an action. An error is shown on the page. */
async function attempt(visit: Visit, act: () => Promise<unknown>): Promise<string> {
  begin(visit);
  try {
    const next = await act();
    return typeof next === 'string' ? next : PAGE; // the top of the page, which shows the result
  } catch (error) {
    visit.problem = (error as Error).message;
    return PAGE;
  }
}

function seeOther(ctx: Context, url: string): void {
  ctx.status = 303;
  ctx.redirect(url);
}

interface Application {
  readonly issuer: string;
  readonly kept: ReturnType<typeof visits>;
  readonly actions: Readonly<Record<string, Action>>;
  readonly now: () => number;
}

/** Refuses a request, and stores nothing. */
function refuse(ctx: Context, id: string, status: number, problem: string): void {
  ctx.status = status;
  ctx.body = demoPage({ ...newVisit(), problem }, csrfOf(id));
}

/** Handles the redirect from the server. */
async function answered(ctx: Context, application: Application): Promise<void> {
  const { issuer, kept, now } = application;
  const id = visitID(ctx, issuer);
  const visit = await kept.load(id);
  const answer = new URL(ctx.search, redirectURI(issuer));
  if (wasAnswered(visit, answer)) return seeOther(ctx, PAGE);
  if (!wasAskedFor(visit, answer)) return refuse(ctx, id, 400, 'Postcards did not ask for this answer.');
  const next = await attempt(visit, () => finish(visit, issuer, answer, now()));
  await kept.save(id, visit);
  await bind(visit, id, application);
  seeOther(ctx, next);
}

/** Handles a logout token from the server. A token that comes twice does no harm. */
async function told(ctx: Context, { issuer, kept }: Application): Promise<void> {
  const { logout_token: token } = (ctx.request.body ?? {}) as Form;
  const sid = await endedSession(issuer, CLIENT_ID, String(token)).catch(() => ctx.throw(400));
  const id = await kept.ofSession(sid);
  if (id !== undefined) {
    const visit = await kept.load(id);
    loggedOut(visit);
    await kept.save(id, visit);
  }
  ctx.body = {};
}

/** Remembers which visit belongs to a session at the server, for a later logout token. */
async function bind({ idToken }: Visit, id: string, { kept }: Application): Promise<void> {
  const { payload } = (idToken && decodeJWT(idToken)) || {};
  const sid: unknown = payload && Reflect.get(payload, 'sid');
  if (typeof sid === 'string') await kept.bind(sid, id);
}

/** Handles a button. */
async function pressed(ctx: Context, name: string, { issuer, kept, actions }: Application): Promise<void> {
  const id = visitID(ctx, issuer);
  const form = (ctx.request.body ?? {}) as Form;
  if (!isOwnForm(id, form['csrf'])) return refuse(ctx, id, 403, STALE);
  if (name === 'reset') {
    await kept.forget(id);
    return seeOther(ctx, PAGE);
  }
  const act = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (!act) return ctx.throw(404);
  const visit = name === 'start' ? newVisit() : await kept.load(id);
  const next = await attempt(visit, async () => {
    if (name !== 'start' && !visit.tokens) throw new Error('There are no tokens yet: start first.');
    return act(visit, form);
  });
  await kept.save(id, visit);
  seeOther(ctx, next);
}

/**
 * The pages of the demo. Their paths begin with /demo.
 *
 * @param issuer the URL of the authorization server
 * @param documents the store in which browsers are remembered, for ten minutes
 * @param now the time in epoch seconds
 */
export function demo(issuer: string, documents: Documents, now = () => Math.floor(Date.now() / 1000)): Router {
  const application = { issuer, kept: visits(documents), actions: actionsFor(issuer, now), now };
  const router = new Router({ prefix: PAGE });
  router.get('/', async (ctx) => {
    const id = visitID(ctx, issuer);
    ctx.body = demoPage(await application.kept.load(id), csrfOf(id), ctx.query['open'] === 'all' ? 'all' : 'last');
  });
  router.get('/callback', (ctx) => answered(ctx, application));
  const form = bodyParser({ enableTypes: ['form'], formLimit: '10kb' });
  router.use(second(issuer, documents).routes()).use(reading().routes());
  router.post('/backchannel', form, (ctx) => told(ctx, application));
  router.post('/:action', form, (ctx) => pressed(ctx, ctx.params['action'] ?? '', application));
  return router;
}
