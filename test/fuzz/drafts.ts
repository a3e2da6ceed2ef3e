/** Good requests to every endpoint, by every way there is; what is done to them is in mutations.ts. */
import type { Draft } from './draft.js';
import { getting, type Members, posting } from './drafting.js';
import { exchanging, inquiring, presenting } from './drafts-tokens.js';
import { CHALLENGE } from './live.js';

const PKCE = { code_challenge: CHALLENGE, code_challenge_method: 'S256' };
const WEB = {
  response_type: 'code',
  client_id: 'web',
  redirect_uri: 'https://web.example/callback',
  scope: 'read write',
  state: 'a state',
  ...PKCE,
};
const SPA = { ...WEB, client_id: 'spa', redirect_uri: 'http://127.0.0.1:54321/callback' };
const OTHER = { ...WEB, redirect_uri: 'https://web.example/other?own=1&b=%20c' };

const authorizing: Readonly<Record<string, Draft>> = {
  'authorize: code': getting('/authorize', WEB),
  'authorize: another URI': getting('/authorize', OTHER),
  'authorize: loopback': getting('/authorize', SPA),
  'authorize: POST': posting('/authorize', WEB),
  'authorize: the only URI': getting('/authorize', { response_type: 'code', client_id: 'signer', ...PKCE }),
  'authorize: odd client': getting('/authorize', {
    ...WEB,
    client_id: 'a b:c+%',
    redirect_uri: 'https://odd.example/callback',
  }),
  'authorize: token': getting('/authorize', { ...WEB, response_type: 'token' }),
  'authorize: combination': getting('/authorize', { ...WEB, response_type: 'token code', scope: 'instant' }),
  'authorize: legacy': getting('/authorize', { ...OTHER, response_type: 'legacy', scope: 'instant' }),
  'authorize: form_post': getting('/authorize', { ...WEB, scope: 'instant', response_mode: 'form_post' }),
  'authorize: fragment': getting('/authorize', { ...OTHER, scope: 'instant', response_mode: 'fragment' }),
  'authorize: at once': getting('/authorize', { ...OTHER, scope: 'instant read' }),
  'authorize: POST, at once': posting('/authorize', { ...SPA, scope: 'instant' }),
  'authorize: token at once': getting('/authorize', { ...WEB, response_type: 'token', scope: 'instant', state: 'é ü' }),
  'authorize: step-up': getting(
    '/authorize',
    { ...WEB, acr_values: 'mfa x', max_age: '2000', scope: 'instant' },
    { 'X-User': 'mfa' },
  ),
  'authorize: step-up refused': getting('/authorize', { ...WEB, acr_values: 'mfa', scope: 'instant' }),
};

/** The dialogs that wait are of these; what comes after `!` says of which kind. */
const deciding = (name: string, more: Members = {}, cookie = name): Draft =>
  posting('/decision', { transaction_id: `{{txn:${name}}}`, ...more }, { Cookie: `{{cookie:${cookie}}}` });

const inDialogs: Readonly<Record<string, Draft>> = {
  'decision: allowed': deciding('web'),
  'decision: loopback': deciding('spa'),
  'decision: less': deciding('web', { scope: 'read' }),
  'decision: more': deciding('web', { scope: 'read jobs' }),
  'decision: denied': deciding('web', { cancel: '' }),
  'decision: token': deciding('web!token'),
  'decision: combination': deciding('web!code token'),
  'decision: form_post': deciding('web!post'),
  'decision: in the query': {
    ...posting('/decision', { cancel: 'No' }, { Cookie: '{{cookie:spa}}' }),
    query: [['transaction_id', '{{txn:spa}}']],
  },
  "decision: another's": deciding('web', {}, 'spa'),
  'resume: goes on waiting': getting('/resume', { transaction_id: '{{txn:web}}' }, { Cookie: '{{cookie:web}}' }),
  'resume: allowed': getting('/resume', { transaction_id: '{{txn:spa}}' }, { Cookie: '{{cookie:spa}}' }),
  'resume: another user': getting(
    '/resume',
    { transaction_id: '{{txn:web}}' },
    { Cookie: '{{cookie:web}}', 'X-User': 'mfa' },
  ),
  login: posting(
    '/login',
    { transaction_id: '{{txn:web}}', password: '{{password:web}}' },
    { Cookie: '{{cookie:web}}' },
  ),
  'login: form_post': getting('/login', { transaction_id: '{{txn:web!post}}' }, { Cookie: '{{cookie:web!post}}' }),
};

const documents: Readonly<Record<string, Draft>> = {
  'metadata of the server': getting('/.well-known/oauth-authorization-server'),
  'metadata of the API': getting('/.well-known/oauth-protected-resource/me'),
  keys: getting('/jwks'),
};

export const DRAFTS: Readonly<Record<string, Draft>> = {
  ...authorizing,
  ...inDialogs,
  ...exchanging,
  ...inquiring,
  ...presenting,
  ...documents,
};
