// An authorization server as its authors wrote it for oauth2orize-koa, in plain JavaScript, with what grew on it over the years: request
// parsers by hand, modules that are wrapped, decisions that are spread, a response type of its own. What used to be
// `require('oauth2orize-koa')` comes in as `oauth2orize`, and nothing else was touched. It runs with oauth2orize-koa 1.3.2, too.
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import { KoaPassport } from 'koa-passport';
import session from 'koa-session';
import { BasicStrategy } from 'passport-http';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { Strategy as ClientPasswordStrategy } from 'passport-oauth2-client-password';

let counter = 0;
const uid = (length) => String(++counter).padStart(length, 'x');

function database() {
  const clients = [
    { id: 'web', secret: 'web-secret', name: 'Web shop', redirectURI: 'https://shop.example/cb' },
    { id: 'tv', secret: 'tv-secret', name: 'Television' }, // shows a page, and has nowhere to be redirected to
  ];
  const users = [{ id: '1', username: 'bob', password: 'secret', name: 'Bob Smith' }];
  return {
    clients: { find: async (id) => clients.find((client) => client.id === id) },
    users: {
      find: async (id) => users.find((user) => user.id === id),
      findByUsername: async (username) => users.find((user) => user.username === username),
    },
    codes: new Map(),
    accessTokens: new Map(),
    refreshTokens: new Map(),
    audit: [],
  };
}

/** The bundled module, told to remember the device, and to say on the way out who was let in. */
function auditedCode(oauth2orize, db) {
  const mod = oauth2orize.grant.code(async (client, redirectURI, user, ares, areq) => {
    const code = uid(16);
    const scope = ares.scope || areq.scope;
    db.codes.set(code, { clientId: client.id, redirectURI, userId: user.id, scope, device: areq.device });
    return code;
  });

  const request = mod.request;
  mod.request = async (ctx) => {
    const areq = await request(ctx);
    areq.device = ctx.query.device;
    return areq;
  };

  const response = mod.response;
  mod.response = async (ctx, next) => {
    const txn = ctx.state.oauth2;
    await response(ctx, next);
    db.audit.push(`${txn.res.allow ? 'allowed' : 'denied'} ${txn.client.id} on ${txn.req.device}`);
    ctx.set('X-Audit', String(db.audit.length));
  };
  return mod;
}

/** A page with the code, for devices without a browser. */
function page(db) {
  return {
    name: 'page',
    request: (ctx) => ({ clientID: ctx.query.client_id, scope: ctx.query.scope, state: ctx.query.state }),
    response: async (ctx) => {
      const { client, user, res, req } = ctx.state.oauth2;
      if (!res.allow) {
        ctx.body = 'Denied';
        return;
      }
      const code = uid(16);
      db.codes.set(code, { clientId: client.id, redirectURI: undefined, userId: user.id, scope: req.scope });
      ctx.body = { code, state: req.state };
    },
  };
}

async function tokensFor(db, saved) {
  const token = uid(64);
  const refreshToken = uid(64);
  db.accessTokens.set(token, saved);
  db.refreshTokens.set(refreshToken, saved);
  return [token, refreshToken, { expires_in: 3600, device: saved.device }];
}

function authorizationServer(oauth2orize, db) {
  const server = oauth2orize.createServer();

  server.serializeClient((client) => client.id);
  server.deserializeClient((id) => db.clients.find(id));

  server.grant(auditedCode(oauth2orize, db));
  server.grant(page(db));
  server.grant('*', 'request', (ctx) => ({ scope: ctx.query.scope, nonce: ctx.query.nonce }));

  server.exchange(null, async (ctx, next) => {
    db.audit.push(`token request: ${ctx.request.body.grant_type}`);
    await next();
  });

  server.exchange(
    oauth2orize.exchange.code(async (client, code, redirectURI) => {
      const saved = db.codes.get(code);
      db.codes.delete(code);
      if (!saved || client.id !== saved.clientId || redirectURI !== saved.redirectURI) return false;
      return tokensFor(db, saved);
    }),
  );

  server.exchange(
    oauth2orize.exchange.refreshToken(async (client, refreshToken) => {
      const saved = db.refreshTokens.get(refreshToken);
      db.refreshTokens.delete(refreshToken);
      if (!saved || client.id !== saved.clientId) return false;
      return tokensFor(db, saved);
    }),
  );
  return server;
}

function passportFor(db) {
  const passport = new KoaPassport();
  const verifyClient = async (id, secret, done) => {
    const client = await db.clients.find(id);
    done(null, client && client.secret === secret ? client : false);
  };
  passport.use(new BasicStrategy(verifyClient));
  passport.use(new ClientPasswordStrategy(verifyClient));
  passport.use(
    new BearerStrategy(async (token, done) => {
      const saved = db.accessTokens.get(token);
      if (!saved) return done(null, false);
      done(null, await db.users.find(saved.userId), { scope: saved.scope });
    }),
  );
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id, done) => db.users.find(id).then((user) => done(null, user), done));
  return passport;
}

function routes(server, db, passport) {
  const router = new Router();
  const ensureLoggedIn = (ctx, next) => (ctx.isAuthenticated() ? next() : ctx.redirect('/login'));

  router.post('/login', async (ctx) => {
    const { username, password } = ctx.request.body;
    const user = await db.users.findByUsername(username);
    if (!user || user.password !== password) ctx.throw(401);
    await ctx.login(user);
    ctx.body = 'welcome';
  });

  router.get(
    '/authorize',
    ensureLoggedIn,
    server.authorize(async (areq) => {
      const client = await db.clients.find(areq.clientID);
      if (!client) return [false];
      if (client.redirectURI !== areq.redirectURI) return [false];
      return [client, client.redirectURI];
    }),
    async (ctx) => {
      const { transactionID, client, req } = ctx.state.oauth2;
      const key = await server.serializeClient(client);
      ctx.body = { transactionID, key, client: client.name, scopes: (req.scope || '').split(' '), nonce: req.nonce };
    },
  );

  router.post('/decision', ensureLoggedIn, ...server.decision((ctx) => ({ scope: ctx.request.body.scope })));

  const [load, decide] = server.decision();
  const onlyForAdults = async (ctx, next) => {
    if (ctx.state.oauth2.req.nonce === 'minor') ctx.throw(403, 'Ask your parents');
    await next();
  };
  router.post('/checked-decision', ensureLoggedIn, load, onlyForAdults, decide);

  router.post('/token', passport.authenticate(['basic', 'oauth2-client-password'], { session: false }), server.token());

  router.get('/api/me', passport.authenticate('bearer', { session: false }), (ctx) => {
    ctx.body = { name: ctx.state.user.name, scope: ctx.state.authInfo.scope.split(' ') };
  });
  return router;
}

export function application({ oauth2orize, Koa }) {
  const db = database();
  const server = authorizationServer(oauth2orize, db);
  const passport = passportFor(db);

  const app = new Koa();
  const errors = [];
  app.keys = ['keyboard cat'];
  app.on('error', (error) => errors.push(error));
  app.use(session(app));
  app.use(bodyParser());
  app.use(passport.initialize());
  app.use(passport.session());
  app.use(server.errorHandler());
  app.use(routes(server, db, passport).routes());
  return { app, errors, audit: db.audit };
}
