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
  'The library stores no codes and tokens. The application stores them. Here it uses up a code or a refresh token with one statement each, and checks PKCE in the callbacks. The code in the README of the library reads a code without removing it, and has no PKCE.';

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
      'Its defaults: `createServer({ issuer })`, `tokenService({ store })`, `pkce()`. For ten seconds, a used refresh token gets the same response again.',
  },
  {
    name: 'oauth2orize',
    label: 'oauth2orize',
    packages: ['oauth2orize', 'express', 'express-session', 'passport-http'],
    ...atPages,
    endpoints: ENDPOINTS,
    ofApplication: RECORDS,
    configuration: `On Express, with its transactions in express-session. ${APPLICATION_KEEPS}`,
  },
  {
    name: 'oauth2orize-koa',
    label: 'oauth2orize-koa',
    packages: ['oauth2orize-koa', 'koa-passport', 'passport-http'],
    ...atPages,
    endpoints: ENDPOINTS,
    ofApplication: RECORDS,
    configuration: `With its transactions in koa-session. ${APPLICATION_KEEPS}`,
  },
  {
    name: 'jmondi',
    label: '@jmondi',
    packages: ['@jmondi/oauth2-server'],
    ...atPages,
    endpoints: WITH_INTROSPECTION,
    ofApplication: DIALOG,
    configuration:
      'Its defaults: it requires PKCE with S256, and issues JWTs. Its repositories have all optional methods, such as `revokeDescendantsOf`, and keep revoked records. The application implements the dialog.',
  },
  {
    name: 'jmondi-refusing',
    label: '@jmondi, refusing',
    packages: ['@jmondi/oauth2-server'],
    ...atPages,
    endpoints: WITH_INTROSPECTION,
    ofApplication: DIALOG,
    configuration:
      'The same, but `revoke` of both repositories throws if its statement has revoked nothing. The documentation does not require this; it is the safest implementation that the interface allows.',
  },
  {
    name: 'node-oauth',
    label: '@node-oauth',
    packages: ['@node-oauth/oauth2-server'],
    ...atPages,
    endpoints: ENDPOINTS,
    ofApplication: [...DIALOG, 'pkce-missing-challenge', 'authorization-parameter-pollution'],
    configuration:
      'Its defaults. `revokeAuthorizationCode` and `revokeToken` return whether the statement has removed something, as the documentation requires. The application implements the dialog, and requires PKCE.',
  },
  {
    name: 'oidc-provider',
    label: 'oidc-provider',
    ...atInteractions,
    configuration:
      'PKCE is required; otherwise its defaults: the refresh token of a client with a secret is replaced only near the end of its lifetime, and can be used repeatedly until then.',
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
      'The same, but `consume` of its adapter throws `invalid_grant` if its statement has consumed nothing. The documentation does not require this; it is the safest implementation that the interface allows.',
  },
];
