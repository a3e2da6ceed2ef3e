// An authorization server as its authors wrote it for oauth2orize-koa, in plain JavaScript: what used to be
// `require('oauth2orize-koa')` comes in as `oauth2orize`. One line was added, and is marked: it says which client has authenticated.
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import Koa from 'koa';
import { KoaPassport } from 'koa-passport';
import session from 'koa-session';
import { BasicStrategy } from 'passport-http';
import { Strategy as ClientPasswordStrategy } from 'passport-oauth2-client-password';

let counter = 0;
const uid = (length) => String(++counter).padStart(length, 'x');

function database() {
  const clients = [
    { id: 'abc123', secret: 'ssh-secret', name: 'Samplr', redirectURI: 'https://samplr.example/cb', trusted: false },
    { id: 'xyz789', secret: 'other-secret', name: 'Trusty', redirectURI: 'https://trusty.example/cb', trusted: true },
  ];
  const users = [{ id: '1', username: 'bob', password: 'secret', name: 'Bob Smith' }];
  const codes = new Map();
  const accessTokens = new Map();
  const refreshTokens = new Map();
  return {
    clients: { find: async (id) => clients.find((client) => client.id === id) },
    users: {
      find: async (id) => users.find((user) => user.id === id),
      findByUsername: async (username) => users.find((user) => user.username === username),
    },
    codes: {
      save: async (code, value) => codes.set(code, value),
      take: async (code) => {
        const value = codes.get(code);
        codes.delete(code);
        return value;
      },
    },
    accessTokens: {
      save: async (token, value) => accessTokens.set(token, value),
      find: (token) => accessTokens.get(token),
    },
    refreshTokens: {
      save: async (token, value) => refreshTokens.set(token, value),
      find: async (token) => refreshTokens.get(token),
    },
  };
}

function authorizationServer(oauth2orize, db) {
  const server = oauth2orize.createServer();

  server.serializeClient((client) => client.id);

  server.deserializeClient(async (id) => {
    const client = await db.clients.find(id);
    return client;
  });

  server.grant(
    oauth2orize.grant.code(async (client, redirectURI, user, ares) => {
      const code = uid(16);
      await db.codes.save(code, { clientId: client.id, redirectURI, userId: user.id, scope: ares.scope });
      return code;
    }),
  );

  server.grant(
    oauth2orize.grant.token(async (client, user, ares) => {
      const token = uid(256);
      await db.accessTokens.save(token, { userId: user.id, clientId: client.id, scope: ares.scope });
      return [token, { expires_in: 3600 }];
    }),
  );

  server.exchange(
    oauth2orize.exchange.code(async (client, code, redirectURI) => {
      const saved = await db.codes.take(code);
      if (!saved || client.id !== saved.clientId || redirectURI !== saved.redirectURI) return false;

      const token = uid(256);
      const refreshToken = uid(256);
      await db.accessTokens.save(token, { userId: saved.userId, clientId: saved.clientId });
      await db.refreshTokens.save(refreshToken, { userId: saved.userId, clientId: saved.clientId });
      return [token, refreshToken, { expires_in: 3600 }];
    }),
  );

  server.exchange(
    oauth2orize.exchange.password(async (client, username, password, scope) => {
      const user = await db.users.findByUsername(username);
      if (!user || user.password !== password) return false;

      const token = uid(256);
      await db.accessTokens.save(token, { userId: user.id, clientId: client.id, scope });
      return token;
    }),
  );

  server.exchange(
    oauth2orize.exchange.clientCredentials(async (client) => {
      const token = uid(256);
      await db.accessTokens.save(token, { userId: null, clientId: client.id });
      return token;
    }),
  );

  server.exchange(
    oauth2orize.exchange.refreshToken(async (client, refreshToken) => {
      const saved = await db.refreshTokens.find(refreshToken);
      if (!saved || saved.clientId !== client.id) return false;

      const token = uid(256);
      await db.accessTokens.save(token, saved);
      return token;
    }),
  );

  server.exchange(async function urn_example_echo(ctx, next) {
    if (!ctx.request.body.assertion) return next();
    ctx.body = { access_token: `echo-${ctx.request.body.assertion}`, token_type: 'Bearer' };
  });

  return server;
}

/** Passport's strategies for clients, and how a browser is logged in. */
function withPassport(db) {
  const passport = new KoaPassport();
  const verifyClient = async (id, secret, done) => {
    const client = await db.clients.find(id);
    done(null, client && client.secret === secret ? client : false);
  };
  passport.use(new BasicStrategy(verifyClient));
  passport.use(new ClientPasswordStrategy(verifyClient));
  passport.serializeUser((user, done) => done(null, user.id));
  passport.deserializeUser((id, done) => db.users.find(id).then((user) => done(null, user), done));
  return {
    setUp: [passport.initialize(), passport.session()],
    login: (ctx, user) => ctx.login(user),
    ensureLoggedIn: (ctx, next) => (ctx.isAuthenticated() ? next() : ctx.redirect('/login')),
    authenticateClient: passport.authenticate(['basic', 'oauth2-client-password'], { session: false }),
  };
}

function withoutPassport(db, { setAuthenticatedClient }) {
  return {
    setUp: [],
    login: (ctx, user) => {
      ctx.session.userId = user.id;
    },
    ensureLoggedIn: async (ctx, next) => {
      if (!ctx.session.userId) return ctx.redirect('/login');
      ctx.state.user = await db.users.find(ctx.session.userId);
      return next();
    },
    authenticateClient: async (ctx, next) => {
      const { client_id, client_secret } = ctx.request.body;
      const client = await db.clients.find(client_id);
      if (!client || client.secret !== client_secret) ctx.throw(401);
      ctx.state.user = client;
      setAuthenticatedClient(ctx, client); // added: who is in ctx.state.user may be anyone
      return next();
    },
  };
}

function routes(server, db, { login, ensureLoggedIn, authenticateClient }) {
  const router = new Router();

  router.post('/login', async (ctx) => {
    const { username, password } = ctx.request.body;
    const user = await db.users.findByUsername(username);
    if (!user || user.password !== password) ctx.throw(401);
    await login(ctx, user);
    ctx.body = 'welcome';
  });

  router.get(
    '/dialog/authorize',
    ensureLoggedIn,
    server.authorize(
      async (clientID, redirectURI) => {
        const client = await db.clients.find(clientID);
        if (!client) return false;
        if (client.redirectURI !== redirectURI) return false;
        return [client, client.redirectURI];
      },
      async (client, user) => client.trusted && user.id === '1',
    ),
    (ctx) => {
      ctx.body = {
        transactionID: ctx.state.oauth2.transactionID,
        user: ctx.state.user.name,
        client: ctx.state.oauth2.client.name,
        scope: ctx.state.oauth2.req.scope,
      };
    },
  );

  router.post(
    '/dialog/authorize/decision',
    ensureLoggedIn,
    server.decision(async (ctx) => ({ scope: ctx.request.body.scope })),
  );

  router.post('/token', authenticateClient, server.token());

  router.get('/api/userinfo', async (ctx) => {
    const [, token] = ctx.get('Authorization').split(' ');
    const saved = db.accessTokens.find(token);
    if (!saved) ctx.throw(401);
    ctx.body = { user: saved.userId, client: saved.clientId, scope: saved.scope };
  });

  return router;
}

export function application({ oauth2orize, passport }) {
  const db = database();
  const server = authorizationServer(oauth2orize, db);
  const people = passport ? withPassport(db) : withoutPassport(db, oauth2orize);

  const app = new Koa();
  const errors = [];
  app.keys = ['keyboard cat'];
  app.on('error', (error) => errors.push(error));
  app.use(session(app));
  app.use(bodyParser());
  for (const middleware of people.setUp) app.use(middleware);
  app.use(server.errorHandler());
  app.use(routes(server, db, people).routes());
  return { app, errors };
}
