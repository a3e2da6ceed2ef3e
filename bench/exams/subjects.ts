/** Who is examined, each configured as its documentation has it best. */
import type { Visitor } from 'koauthorize/testing';
import { type ExamDialog, interactions, pages } from './dialog.js';

export interface Subject {
  /** Its file in servers/. */
  readonly name: string;
  /** Its column. */
  readonly label: string;
  readonly packages: readonly string[];
  readonly dialog: ExamDialog;
  /** Paths. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Seconds in which it answers a spent refresh token with the same answer again. */
  readonly grace?: number;
  /** How it is configured, for the page. */
  readonly configuration: string;
  /** Exams and attacks in which the application is examined, since the toolkit leaves that to it. */
  readonly ofApplication: readonly string[];
  login(visitor: Visitor, origin: string, user: string): Promise<unknown>;
}

const ENDPOINTS = { authorization: '/authorize', token: '/token', resource: '/me' };
const WITH_INTROSPECTION = { ...ENDPOINTS, introspection: '/introspect' };

const atPages = {
  dialog: pages,
  login: (visitor: Visitor, origin: string, user: string) => visitor.get(`${origin}/login?user=${user}`),
};

const atInteractions = {
  dialog: interactions,
  endpoints: { ...WITH_INTROSPECTION, userinfo: '/me' },
  packages: ['oidc-provider'],
  ofApplication: [] as const,
  async login(visitor: Visitor, origin: string, user: string) {
    const query = new URLSearchParams({
      client_id: 'app',
      redirect_uri: 'https://client.example/callback',
      response_type: 'code',
      scope: interactions.scope,
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
      prompt: 'login', // also where somebody else is logged in
    });
    const { text } = await visitor.get(`${origin}/authorize?${query}`);
    const { transaction_id } = JSON.parse(text) as { transaction_id: string };
    const page = await visitor.post(`${origin}/interaction/${transaction_id}/login?user=${user}`, {});
    // where another user was logged in, a page with a script ends their session first
    return page.text.includes('name="logout"') ? visitor.submit(page, { logout: 'yes' }) : page;
  },
};

/** Where the application has the dialog. */
const DIALOG = ['decisions', 'csrf-decision', 'decision-from-another-session', 'transaction-replay'];

/** Where the application has the records and PKCE. */
const RECORDS = [
  'races',
  'spent',
  'code-replay-keeps-tokens',
  'refresh-replay-keeps-family',
  'token-in-url', // passport-http-bearer
  'two-authentications', // passport
];

const APPLICATION_KEEPS =
  'It keeps no records: codes and tokens are the application’s, which here takes a code and a refresh token by one statement each, and checks PKCE in the callbacks. Its README reads a code and does not remove it, and has no PKCE.';

export const subjects: readonly Subject[] = [
  {
    name: 'koauthorize',
    label: '**koauthorize**',
    packages: ['koauthorize'],
    ...atPages,
    endpoints: WITH_INTROSPECTION,
    grace: 10,
    ofApplication: [],
    configuration:
      'Its defaults: `createServer({ issuer })`, `tokenService({ store })`, `pkce()`. A spent refresh token is answered with the same answer for ten seconds.',
  },
  {
    name: 'oauth2orize',
    label: 'oauth2orize',
    packages: ['oauth2orize', 'express', 'express-session', 'passport-http'],
    ...atPages,
    endpoints: ENDPOINTS,
    ofApplication: RECORDS,
    configuration: `On Express, its transactions in express-session. ${APPLICATION_KEEPS}`,
  },
  {
    name: 'oauth2orize-koa',
    label: 'oauth2orize-koa',
    packages: ['oauth2orize-koa', 'koa-passport', 'passport-http'],
    ...atPages,
    endpoints: ENDPOINTS,
    ofApplication: RECORDS,
    configuration: `Its transactions in koa-session. ${APPLICATION_KEEPS}`,
  },
  {
    name: 'jmondi',
    label: '@jmondi',
    packages: ['@jmondi/oauth2-server'],
    ...atPages,
    endpoints: WITH_INTROSPECTION,
    ofApplication: DIALOG,
    configuration:
      'Its defaults: PKCE with S256 required, JWTs. Its repositories have all optional methods, `revokeDescendantsOf` among them, and keep what was revoked. The dialog is the application’s.',
  },
  {
    name: 'jmondi-refusing',
    label: '@jmondi, refusing',
    packages: ['@jmondi/oauth2-server'],
    ...atPages,
    endpoints: WITH_INTROSPECTION,
    ofApplication: DIALOG,
    configuration:
      'The same, but `revoke` of both repositories throws where the statement has revoked nothing. Its documentation does not ask for that; it is the best that its interface allows.',
  },
  {
    name: 'node-oauth',
    label: '@node-oauth',
    packages: ['@node-oauth/oauth2-server'],
    ...atPages,
    endpoints: ENDPOINTS,
    ofApplication: [...DIALOG, 'pkce-missing-challenge', 'authorization-parameter-pollution'],
    configuration:
      'Its defaults. `revokeAuthorizationCode` and `revokeToken` say whether the statement has removed something, as its documentation has it. The dialog is the application’s, and so is that PKCE is required.',
  },
  {
    name: 'oidc-provider',
    label: 'oidc-provider',
    ...atInteractions,
    configuration:
      'PKCE required, and else its defaults: the refresh token of a client that has a secret is replaced near the end of its life only, and until then used again and again.',
  },
  {
    name: 'oidc-provider-rotating',
    label: 'oidc-provider, rotating',
    ...atInteractions,
    configuration:
      'The same with `rotateRefreshToken: true`: each use replaces the refresh token, as it does for public clients by default.',
  },
  {
    name: 'oidc-provider-refusing',
    label: 'oidc-provider, rotating, refusing',
    ...atInteractions,
    configuration:
      'The same, but `consume` of its adapter throws `invalid_grant` where the statement has consumed nothing. Its documentation does not ask for that; it is the best that its interface allows.',
  },
];
