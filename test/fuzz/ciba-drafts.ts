/** Good requests by which users are asked on their own device, and what stands in them where something else is meant. @see CIBA §7.1 */
import fc from 'fast-check';
import { getting, type Members, posting } from './drafting.js';
import { mark } from './extended-live.js';

const BASIC = { Authorization: '{{basic:web}}' };
export const CIBA_GRANT = 'urn:openid:params:grant-type:ciba';

const beginning = (more: Members) => posting('/backchannel_authentication', { scope: 'openid read', ...more }, BASIC);
const redeeming = (auth_req_id: string) => posting('/token', { grant_type: CIBA_GRANT, auth_req_id }, BASIC);
const page = { Cookie: '{{dialogcookie:web}}' };

export const CIBA_REDEEMING = { 'token: asked': redeeming('{{authreq:web!allowed}}') };

export const CIBA_DRAFTS = {
  'ciba: begin': beginning({ login_hint: 'alice', binding_message: 'W4SCT', requested_expiry: '120' }),
  'ciba: by ID token': beginning({ id_token_hint: '{{idtoken:web}}' }),
  'ciba: a message that turns around': beginning({ login_hint: 'alice', binding_message: 'a\u202eb' }),
  'ciba: user code': beginning({ login_hint: 'alice', user_code: 'a code' }),
  'ciba: signed': posting(
    '/backchannel_authentication',
    { request: mark('object', 'web', { scope: 'openid read', login_hint: 'alice', jti: 'one' }) },
    BASIC,
  ),
  'ciba: page': getting('/backchannel', { id: '{{askid:web}}' }),
  'ciba: allow': posting('/backchannel/decision', { dialog_id: '{{dialogid:web}}' }, page),
  'ciba: deny': posting('/backchannel/decision', { dialog_id: '{{dialogid:web}}', cancel: '' }, page),
  'token: asked, pending': redeeming('{{authreq:web}}'),
  ...CIBA_REDEEMING,
};

const among = (...values: readonly string[]) => fc.constantFrom(...values);

/** Values for each of the parameters that are read of such requests. */
export const CIBA_VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  auth_req_id: among('{{authreq:web}}', '{{authreq:signer!allowed}}', '{{askid:web}}', '{{code:web}}', 'x', ''),
  login_hint: among('alice', 'nobody', '', 'x'.repeat(3000), '__proto__', 'ａｌｉｃｅ'),
  login_hint_token: among('x', '{{idtoken:web}}', '{{vouched:web}}', ''),
  binding_message: fc.oneof(
    among('W4SCT', '', ' ', '\u202egnp', 'a\u0000b', '<b>x</b>', '\u{1f600}', '\ud800', 'x'.repeat(65)),
    fc.string({ unit: 'grapheme', maxLength: 70 }),
  ),
  requested_expiry: among('0', '-1', '30', '300', '301', '1.5', '1e3', 'x', ' 5', '99999999999999999999'),
  client_notification_token: among('x', '', 'x'.repeat(1025), 'a b'),
  dialog_id: among('{{dialogid:spa}}', '{{askid:web}}', '{{txn:web}}', 'x', '__proto__', 'constructor'),
  id: among('{{askid:web}}', '{{authreq:web}}', '{{dialogid:web}}', 'x', '', '__proto__', '../x'),
};
