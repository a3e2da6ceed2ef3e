/** Good requests where everything is plugged in, and what is done to them beside what is done to all. */
import fc from 'fast-check';
import { CORE, type Field } from './campaign.js';
import { CIBA_DRAFTS, CIBA_REDEEMING, CIBA_VALUES } from './ciba-drafts.js';
import type { Draft, Mutation } from './draft.js';
import { getting, type Members, posting } from './drafting.js';
import { DOCUMENTED, FILES, MAIL, openExtendedHouse, REFERENCE } from './extended-house.js';
import { makersOf, mark, requestOf } from './extended-live.js';
import { DEVICE_REDEEMING, GRANT_DRAFTS, GRANT_VALUES } from './grants-drafts.js';
import { casesOf, mutation } from './mutations.js';
import { EXTENDED } from './vocabulary.js';

const WEB = requestOf({ client_id: 'web', redirect_uris: ['https://web.example/callback'] });
const DOCUMENT = requestOf({ client_id: 'https://documented.example/client.json', redirect_uris: [DOCUMENTED] });
const BASIC = { Authorization: '{{basic:web}}' };
const API = { Authorization: '{{basic:api}}' };
const DETAILS = '[{"type":"file","actions":["read","write"]}]';
const CLAIMS = '{"id_token":{"name":null,"acr":{"essential":true,"values":["pwd"]}}}';
const JWT = 'application/token-introspection+jwt';

const authorizing = (more: Members, headers: Members = {}): Draft =>
  getting('/authorize', { ...WEB, ...more }, headers);
const ID = { client_id: 'web' };

const REDEEMING = {
  grant_type: 'authorization_code',
  redirect_uri: WEB.redirect_uri,
  code_verifier: '{{verifier:web}}',
};
const redeeming = (code: string, more: Members = {}, headers: Members = {}): Draft =>
  posting('/token', { ...REDEEMING, code, ...more }, { ...BASIC, ...headers });
const refreshing = (more: Members, asked = {}): Draft =>
  posting('/token', { grant_type: 'refresh_token', refresh_token: mark('refresh', 'web', asked), ...more }, BASIC);

const DETAILED = { authorization_details: JSON.parse(DETAILS) };

const REDEEMING_DRAFTS: Readonly<Record<string, Draft>> = {
  'token: code': redeeming('{{code:web}}'),
  'token: code, DPoP': redeeming('{{code:web}}', {}, { DPoP: '{{proof:web}}' }),
  'token: code, bound': redeeming(mark('code', 'web', { dpop_jkt: '{{jkt:web}}' }), {}, { DPoP: '{{proof:web}}' }),
  'token: code, API': redeeming(mark('code', 'web', { resource: FILES }), { resource: FILES }),
  'token: code, details': redeeming(mark('code', 'web', DETAILED), { authorization_details: DETAILS }),
};

const DRAFTS: Readonly<Record<string, Draft>> = {
  'authorize: openid': authorizing({ nonce: 'n', max_age: '2000', claims: CLAIMS, id_token_hint: '{{idtoken:web}}' }),
  'authorize: dialog': authorizing({ scope: 'openid offline_access read', prompt: 'consent login' }),
  'authorize: none': authorizing({ prompt: 'none' }),
  'authorize: none, and nobody': authorizing({ prompt: 'none' }, { 'X-User': 'nobody' }),
  'authorize: ID token': authorizing({ response_type: 'id_token', nonce: 'n' }),
  'authorize: hybrid': authorizing({ response_type: 'code id_token', nonce: 'n', response_mode: 'form_post' }),
  'authorize: JWT': authorizing({ response_mode: 'jwt' }),
  'authorize: token in a JWT': authorizing({ response_type: 'code token', response_mode: 'fragment.jwt' }),
  'authorize: JWT in a form': authorizing({ response_mode: 'form_post.jwt' }),
  'authorize: API, details': authorizing({ resource: FILES, authorization_details: DETAILS }),
  'authorize: bound': authorizing({ dpop_jkt: '{{jkt:web}}' }),
  'authorize: pushed': getting('/authorize', { ...ID, request_uri: '{{pushed:web}}' }),
  'authorize: object': authorizing({ request: '{{object:web}}' }),
  'authorize: by reference': getting('/authorize', { ...ID, request_uri: REFERENCE }),
  'authorize: POST': posting('/authorize', { ...WEB, request: '{{object:web}}' }),
  'decision: allowed': posting('/decision', { transaction_id: '{{txn:web}}' }, { Cookie: '{{cookie:web}}' }),
  'resume: again': getting('/resume', { transaction_id: '{{txn:web}}' }, { Cookie: '{{cookie:web}}' }),
  par: posting('/par', { ...WEB, resource: MAIL, authorization_details: DETAILS, claims: CLAIMS }, BASIC),
  'par: object': posting('/par', { ...ID, request: '{{object:web}}' }, BASIC),
  'authorize: document': getting('/authorize', DOCUMENT),
  'par: document': posting('/par', DOCUMENT),
  'par: bound': posting('/par', WEB, { ...BASIC, DPoP: mark('proof', 'web', { path: '/par' }) }),
  'par: public': posting('/par', { ...WEB, client_id: 'spa', redirect_uri: 'http://127.0.0.1:5/callback' }),
  ...REDEEMING_DRAFTS,
  'token: refresh': refreshing({ scope: 'read' }),
  'token: refresh, API': refreshing({ resource: FILES }, { resource: FILES }),
  'token: refresh, details': refreshing({ authorization_details: '[{"type":"file","actions":["read"]}]' }, DETAILED),
  'token: client credentials': posting(
    '/token',
    { grant_type: 'client_credentials', resource: MAIL },
    { Authorization: '{{basic:worker}}' },
  ),
  'introspect: own': posting('/introspect', { token: '{{access:web}}' }, BASIC),
  'introspect: JWT': posting('/introspect', { token: '{{access:web}}' }, { ...BASIC, Accept: JWT }),
  'introspect: API': posting(
    '/introspect',
    { token: mark('access', 'web', { resource: MAIL }) },
    { ...API, Accept: JWT },
  ),
  'revoke: own': posting('/revoke', { token: '{{refresh:web}}' }, BASIC),
  ...GRANT_DRAFTS,
  ...CIBA_DRAFTS,
};

/** What stands in JSON where something else is meant. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, '', ' ', 'x', [], {}, [[]], [null], { toString: 1 }, '__proto__'),
  fc.jsonValue({ maxDepth: 2 }),
);
const json = nasty.map((value) => JSON.stringify(value));
const among = (...values: readonly string[]) => fc.constantFrom(...values);
const member = (names: readonly string[]) => fc.dictionary(among(...names), nasty, { minKeys: 1, maxKeys: 2 });
const nested = `${'['.repeat(5000)}${']'.repeat(5000)}`;

const PARAMS = [
  ...Object.keys(WEB).filter((name) => name !== 'state'),
  ...['response_mode', 'resource', 'authorization_details', 'claims', 'prompt', 'max_age', 'id_token_hint', 'dpop_jkt'],
  ...['nonce', 'acr_values', 'display', 'ui_locales', 'login_hint', 'request', 'request_uri', 'registration'],
];
const inObject = member([...PARAMS, 'iss', 'aud', 'exp', 'nbf', 'iat', 'sub', 'jti', 'header', '__proto__']);
const inProof = member(['htm', 'htu', 'iat', 'jti', 'ath', 'nonce', 'exp', 'nbf']);
const inHeader = member(['alg', 'typ', 'jwk', 'kid', 'crit', 'b64']).map((header) => ({ header }));
const client = among('web', 'web', 'spa', 'signer');
const marked = (kind: string, more: fc.Arbitrary<Readonly<Record<string, unknown>>>) =>
  fc.tuple(client, more).map(([name, some]) => mark(kind, name, some));
const segment = fc.oneof(json, fc.string()).map((text) => Buffer.from(text).toString('base64url'));
const jws = fc.tuple(segment, segment, segment).map((parts) => parts.join('.'));

const detail = fc.tuple(among('file', 'x', '__proto__', 'constructor'), member(['actions', 'locations', 'type', 'x']));
const details = fc.array(
  detail.map(([type, more]) => ({ type, actions: ['read'], ...more })),
  { maxLength: 3 },
);
const claims = member(['id_token', 'userinfo', 'x']);
const ofPlace = member(['name', 'acr', 'sub', 'auth_time', '__proto__']).map((id_token) => ({ id_token }));
const request = fc.oneof(marked('object', inObject), marked('object', inHeader), jws);
const proof = fc.oneof(marked('proof', inProof), marked('proof', inHeader), jws, among('', 'x', '{{proof:web}},x'));

/** Values for each of the parameters that the extensions read. */
const VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  request,
  request_uri: fc.oneof(
    among(
      '{{pushed:web}}',
      '{{pushed:spa}}',
      'urn:ietf:params:oauth:request_uri:x',
      REFERENCE,
      `${REFERENCE}#x`,
      'file:///etc/passwd',
    ),
    marked('pushed', member(PARAMS)),
  ),
  dpop_jkt: among('{{jkt:web}}', '', 'x', 'x'.repeat(43), '{{jkt:web}}='),
  response_mode: among(
    'jwt',
    'query.jwt',
    'fragment.jwt',
    'form_post.jwt',
    'query',
    'fragment',
    'form_post',
    'x',
    'JWT',
  ),
  response_type: among(
    'code',
    'token',
    'id_token',
    'code id_token',
    'code token',
    'code id_token token',
    'none',
    'id_token id_token',
  ),
  resource: among(FILES, MAIL, 'https://files.example', `${FILES}#x`, 'x', 'urn:x', `${FILES}\0`, '//files.example/'),
  authorization_details: fc.oneof(
    details.map((some) => JSON.stringify(some)),
    json,
    among(DETAILS, nested, '[', '[{"type":"file","type":"x"}]'),
  ),
  claims: fc.oneof(
    fc.oneof(claims, ofPlace).map((some) => JSON.stringify(some)),
    json,
    among(CLAIMS, nested, '{'),
  ),
  prompt: among('none', 'login', 'consent', 'none login', 'select_account', 'create', 'login login', 'x', ' '),
  max_age: among('0', '-1', '1', '1.5', '1e3', '99999999999999999999', 'x', '+5', ' 5', '0x10'),
  id_token_hint: fc.oneof(among('{{idtoken:web}}', '{{idtoken:spa}}', '{{idtoken:web}}x', '{{access:web}}'), jws),
  ...GRANT_VALUES,
  ...CIBA_VALUES,
  scope: among('openid', 'openid instant', 'read', 'openid openid', 'offline_access openid', 'instant'),
};
const putting: readonly fc.Arbitrary<Mutation>[] = Object.entries(VALUES).map(([name, value]) =>
  value.map((one): Mutation => ({ do: 'put', name, value: one })),
);
const repeating: readonly fc.Arbitrary<Mutation>[] = Object.entries(VALUES).map(([name, value]) =>
  fc
    .tuple(among('query', 'form'), value)
    .map(([to, one]): Mutation => ({ do: 'add', to: to as 'query' | 'form', name, value: one })),
);
const accept = fc.oneof(
  among(JWT, '*/*', `${JWT};q=0`, `application/json;q=0.5, ${JWT}`, 'application/*', '', ',', `${JWT};q=x`, ';q=1'),
  fc.string({ unit: 'grapheme-ascii' }),
);
const setting = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<Mutation> =>
  value.map((one) => ({ do: 'set header', name, value: one }));
const user: fc.Arbitrary<Mutation> = among('nobody', 'mfa', 'bob').map((value) => ({
  do: 'set header',
  name: 'X-User',
  value,
}));

const mutations = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(...putting) },
  { weight: 1, arbitrary: fc.oneof(...repeating) },
  { weight: 1, arbitrary: setting('DPoP', proof) },
  { weight: 1, arbitrary: fc.oneof(setting('Accept', accept), user) },
  { weight: 2, arbitrary: mutation },
);

export const EXTENSIONS: Field = {
  open: async () => [await openExtendedHouse()],
  drafts: DRAFTS,
  cases: casesOf([EXTENDED], DRAFTS, mutations),
  redeeming: Object.keys({ ...REDEEMING_DRAFTS, ...DEVICE_REDEEMING, ...CIBA_REDEEMING }),
  makersOf,
};

/** By the names that `npm run fuzz -- --field=` takes. */
export const FIELDS: Readonly<Record<string, Field>> = { core: CORE, extensions: EXTENSIONS };
