/** Other people's toolkits, each used as its documentation has it, with what its line of the table must say besides. */
import type { ServerEntry } from '../index.js';
import { interactions } from './interactions.js';

const NO_INTROSPECTION = 'It has no introspection.';
const ITS_OWN_DIALOG_STATE = 'What waits for the decision is kept by the application, by hand, in its session.';
const ITS_OWN_PKCE = 'PKCE is done by the application, in its callbacks.';

export const peers: readonly ServerEntry[] = [
  {
    name: 'oauth2orize',
    label: 'oauth2orize, on Express',
    missing: { introspection: NO_INTROSPECTION },
    notes: [
      "Express 5, and express-session with its memory store, so that its cookie is an ID. Its README's passport.",
      ITS_OWN_PKCE,
    ],
    packages: ['oauth2orize', 'express', 'express-session', 'passport', 'passport-http', 'passport-http-bearer'],
  },
  {
    name: 'oauth2orize-koa',
    label: 'oauth2orize-koa',
    missing: { introspection: NO_INTROSPECTION },
    notes: ["Its README's passport, as koa-passport.", ITS_OWN_PKCE],
    packages: ['oauth2orize-koa', 'koa-passport', 'passport', 'passport-http', 'passport-http-bearer'],
  },
  {
    name: 'jmondi',
    label: '@jmondi/oauth2-server, on Koa',
    notes: [
      'Its access tokens are JWTs (HS256), and kept too; codes and refresh tokens are opaque by its options. Its key is a KeyObject: with a string, as in its README, tokens cost it more than twice as much.',
      'Bearer: verified as its documentation shows, signature and then what is kept.',
      'Redirect URIs are compared by scheme, host and path: another port or query passes.',
      ITS_OWN_DIALOG_STATE,
    ],
    packages: ['@jmondi/oauth2-server'],
  },
  {
    name: 'node-oauth',
    label: '@node-oauth/oauth2-server, on Koa',
    missing: { introspection: NO_INTROSPECTION },
    notes: [ITS_OWN_DIALOG_STATE, 'That PKCE is required is checked by the application.'],
    packages: ['@node-oauth/oauth2-server'],
  },
  {
    name: 'oidc-provider',
    label: 'oidc-provider',
    dialog: interactions,
    notes: [
      'It asks for Node 22 or newer, and warns on Node 20.',
      'Its dialog is an interaction: four requests, before the exchange, in place of two.',
      'Bearer: its userinfo, which needs the scope `openid`. The other workloads are without, so there is no ID token in them.',
      'Refresh tokens are rotated at each use by its option; its default for such a client is after 70 % of their life.',
    ],
    packages: ['oidc-provider'],
  },
];
