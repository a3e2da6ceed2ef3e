/** Good requests of clients and to APIs. */
import { ASSERTION_TYPE } from '../support/assertions.js';
import { CERTIFICATE_HEADER, VERIFIED_HEADER } from './clients.js';
import type { Draft } from './draft.js';
import { getting, type Members, posting } from './drafting.js';

const basic = (name: string): Members => ({ Authorization: `{{basic:${name}}}` });
const post = (name: string): Members => ({ client_id: name, client_secret: `{{secret:${name}}}` });
const asserting = (name: string): Members => ({
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: `{{assertion:${name}}}`,
});
const certified = (name: string): Members => ({
  [CERTIFICATE_HEADER]: `:{{cert:${name}}}:`,
  [VERIFIED_HEADER]: 'SUCCESS',
});

const byCode = (name: string, uri: string, code = `{{code:${name}}}`): Members => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: uri,
  code_verifier: '{{verifier:web}}',
});
const callback = (name: string): string => `https://${name}.example/callback`;
const REFRESH = { grant_type: 'refresh_token', refresh_token: '{{refresh:web}}' };
const DIRECT = { grant_type: 'client_credentials' };
const PASSWORD = { username: 'alice', password: '{{password:web}}', scope: 'read jobs' };

export const exchanging: Readonly<Record<string, Draft>> = {
  'token: code': posting('/token', byCode('web', callback('web')), basic('web')),
  'token: code, client_secret_post': posting('/token', { ...byCode('web', callback('web')), ...post('web') }),
  'token: code, public': posting('/token', { ...byCode('spa', 'http://127.0.0.1/callback'), client_id: 'spa' }),
  'token: code, assertion': posting('/token', { ...byCode('signer', callback('signer')), ...asserting('signer') }),
  'token: code, certificate': posting(
    '/token',
    { ...byCode('tls', callback('tls')), client_id: 'tls' },
    certified('tls'),
  ),
  'token: code, odd client': posting('/token', byCode('a b:c+%', callback('odd')), basic('a b:c+%')),
  'token: spent code': posting('/token', byCode('web', callback('web'), '{{spentcode:web}}'), basic('web')),
  "token: another's code": posting('/token', byCode('web', callback('web'), '{{code:spa}}'), basic('web')),
  'token: refresh': posting('/token', REFRESH, basic('web')),
  'token: refresh, less': posting('/token', { ...REFRESH, scope: 'read' }, basic('web')),
  'token: refresh, more': posting('/token', { ...REFRESH, scope: 'read jobs' }, basic('web')),
  'token: spent refresh': posting('/token', { ...REFRESH, refresh_token: '{{spentrefresh:web}}' }, basic('web')),
  'token: client credentials': posting('/token', { ...DIRECT, scope: 'jobs' }, basic('worker')),
  'token: not its grant type': posting('/token', REFRESH, basic('worker')),
  'token: hmac': posting('/token', { ...DIRECT, ...asserting('hmac') }),
  'token: signer': posting('/token', { ...DIRECT, ...asserting('signer'), client_id: 'signer' }),
  'token: certificate': posting('/token', { ...DIRECT, client_id: 'tls' }, certified('tls')),
  'token: own certificate': posting('/token', { ...DIRECT, client_id: 'self' }, certified('self')),
  'token: password': posting('/token', { grant_type: 'password', ...PASSWORD }, basic('worker')),
  'token: code, by callback': posting(
    '/token',
    { ...byCode('web', callback('web')), grant_type: 'urn:legacy:code' },
    basic('web'),
  ),
  'token: client credentials, by callback': posting(
    '/token',
    { grant_type: 'urn:legacy:client', scope: 'jobs' },
    basic('worker'),
  ),
  'token: password, by callback': posting(
    '/token',
    { grant_type: 'urn:legacy:password', ...PASSWORD },
    basic('worker'),
  ),
  'token: refresh, by callback': posting('/token', { ...REFRESH, grant_type: 'urn:legacy:refresh' }, basic('web')),
  'token: unknown grant type': posting('/token', { grant_type: 'urn:x', assertion: 'x' }, basic('web')),
};

export const inquiring: Readonly<Record<string, Draft>> = {
  'introspect: access token': posting(
    '/introspect',
    { token: '{{access:web}}', token_type_hint: 'access_token' },
    basic('api'),
  ),
  'introspect: own refresh token': posting('/introspect', { token: '{{refresh:web}}' }, basic('web')),
  "introspect: another's": posting('/introspect', { token: '{{access:spa}}', ...post('web') }),
  'introspect: public': posting('/introspect', { token: '{{access:spa}}', client_id: 'spa' }),
  'introspect: assertion': posting('/introspect', { token: '{{access:hmac}}', ...asserting('hmac') }),
  'revoke: access token': posting(
    '/revoke',
    { token: '{{access:web}}', token_type_hint: 'refresh_token' },
    basic('web'),
  ),
  'revoke: refresh token': posting('/revoke', { token: '{{refresh:spa}}', client_id: 'spa' }),
  "revoke: another's": posting('/revoke', { token: '{{access:spa}}', ...post('web') }),
};

const bearing = (path: string, name = 'web', more: Members = {}): Draft =>
  getting(path, {}, { Authorization: `Bearer {{access:${name}}}`, ...more });

export const presenting: Readonly<Record<string, Draft>> = {
  'bearer: header': bearing('/me'),
  'bearer: nothing': getting('/me'),
  'bearer: form': posting('/me/anywhere', { access_token: '{{access:web}}' }),
  'bearer: query': getting('/me/anywhere', { access_token: '{{access:web}}' }),
  'bearer: query where it may not be': getting('/me', { access_token: '{{access:web}}' }),
  'bearer: scope': bearing('/me/write'),
  'bearer: too little scope': bearing('/me/write', 'reader'),
  'bearer: step-up': bearing('/me/strong'),
  'bearer: bound': bearing('/me', 'tls', certified('tls')),
  'bearer: bound to another': bearing('/me', 'tls', certified('self')),
  'bearer: refresh token': getting('/me', {}, { Authorization: 'Bearer {{refresh:web}}' }),
};
