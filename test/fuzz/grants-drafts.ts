/** Good requests of grants without a browser, and what stands in them where something else is meant. */
import fc from 'fast-check';
import { type Members, posting } from './drafting.js';
import { VOUCHER } from './extended-house.js';
import { mark } from './extended-live.js';

const BASIC = { Authorization: '{{basic:web}}' };
const TYPE = 'urn:ietf:params:oauth:token-type:';
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

const redeeming = (device_code: string, more: Members = {}, headers: Members = BASIC) =>
  posting('/token', { grant_type: DEVICE, device_code, ...more }, headers);
const exchanging = (subject_token: string, more: Members = {}) =>
  posting(
    '/token',
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token,
      subject_token_type: `${TYPE}access_token`,
      ...more,
    },
    BASIC,
  );

export const DEVICE_REDEEMING = {
  'token: device': redeeming('{{devicecode:web!allowed}}'),
  'token: device, public': redeeming('{{devicecode:spa!allowed}}', { client_id: 'spa' }, {}),
};

export const GRANT_DRAFTS = {
  'device: begin': posting('/device_authorization', { scope: 'read' }, BASIC),
  'device: begin, public': posting('/device_authorization', { client_id: 'spa', scope: 'openid read' }),
  'device: code': posting('/device', { user_code: '{{usercode:web}}' }),
  'device: allow': posting('/device/decision', { device_id: '{{deviceid:web}}' }, { Cookie: '{{devicecookie:web}}' }),
  'device: deny': posting(
    '/device/decision',
    { device_id: '{{deviceid:web}}', cancel: '' },
    { Cookie: '{{devicecookie:web}}' },
  ),
  'token: device, pending': redeeming('{{devicecode:web}}'),
  ...DEVICE_REDEEMING,
  'token: exchange': exchanging('{{access:web}}', { scope: 'read', requested_token_type: `${TYPE}access_token` }),
  'token: exchange, actor': exchanging('{{access:web}}', {
    actor_token: '{{access:spa}}',
    actor_token_type: `${TYPE}access_token`,
  }),
  'token: exchange, ID token': exchanging('{{idtoken:web}}', { subject_token_type: `${TYPE}id_token` }),
  'token: assertion': posting(
    '/token',
    { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: '{{vouched:web}}', scope: 'read' },
    BASIC,
  ),
};

const among = (...values: readonly string[]) => fc.constantFrom(...values);
const nasty = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, '', 'x', [], {}, [null], '__proto__', VOUCHER),
  fc.jsonValue({ maxDepth: 2 }),
);
const saying = (...names: readonly string[]) => fc.dictionary(among(...names), nasty, { minKeys: 1, maxKeys: 2 });
const token = among('{{access:web}}', '{{access:spa}}', '{{refresh:web}}', '{{idtoken:web}}', '{{code:web}}', 'x', '');
const type = among(
  ...['access_token', 'refresh_token', 'id_token', 'jwt', 'saml2', 'id-jag', '__proto__'].map((name) => TYPE + name),
  'x',
);

/** Values for each of the parameters that these grants read. */
export const GRANT_VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  grant_type: among(
    DEVICE,
    'urn:openid:params:grant-type:ciba',
    'urn:ietf:params:oauth:grant-type:token-exchange',
    'urn:ietf:params:oauth:grant-type:x',
  ),
  device_code: among('{{devicecode:web}}', '{{devicecode:spa!allowed}}', '{{code:web}}', '{{usercode:web}}', 'x'),
  user_code: among(
    '{{usercode:spa}}',
    '{{devicecode:web}}',
    'BBBBBBBB',
    'bbbb bbbb',
    'BBBB-BBBA',
    '-',
    'ＢＢＢＢＢＢＢＢ',
  ),
  device_id: among('{{deviceid:spa}}', '{{txn:web}}', 'x', '__proto__', 'constructor'),
  cancel: among('', 'x'),
  subject_token: token,
  actor_token: token,
  subject_token_type: type,
  actor_token_type: type,
  requested_token_type: type,
  audience: among('api', 'https://files.example/', 'x', ' ', '__proto__'),
  assertion: fc.oneof(
    token,
    saying('iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'scope', 'act', 'header').map((claims) =>
      mark('vouched', 'web', claims),
    ),
  ),
};
