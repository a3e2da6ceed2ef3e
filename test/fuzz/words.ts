/** The words that requests are made of, and those that do not belong in one. */
import { CERTIFICATE_HEADER } from './clients.js';

export const CLIENTS = ['web', 'spa', 'worker', 'signer', 'hmac', 'tls', 'self', 'api', 'a b:c+%'];
const OF_CLIENTS = ['code', 'spentcode', 'refresh', 'access', 'secret', 'basic', 'assertion', 'cert'];
export const MARKS = [
  ...OF_CLIENTS.flatMap((kind) => ['web', 'spa', 'signer'].map((name) => `{{${kind}:${name}}}`)),
  ...['web', 'spa', 'web!token', 'web!post'].flatMap((name) => [`{{txn:${name}}}`, `{{cookie:${name}}}`]),
  '{{verifier:web}}',
  '{{password:web}}',
];

export const NAMES = [
  ...['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'response_mode', 'code_challenge', 'max_age'],
  ...['code_challenge_method', 'acr_values', 'transaction_id', 'cancel', 'grant_type', 'code', 'code_verifier'],
  ...['refresh_token', 'username', 'password', 'client_secret', 'client_assertion', 'client_assertion_type'],
  ...['token', 'token_type_hint', 'access_token', 'request', 'request_uri', 'prompt', 'resource', 'iss', 'error'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'then', '', '0', '$ne'],
];

export const WORDS = [
  ...['', ' ', '0', '-1', '1e999', 'null', 'undefined', 'true', 'NaN', '[object Object]', '[]', '{"$ne":null}', '..'],
  ...['code', 'token', 'code token', 'legacy', 'code legacy', 'none', 'code code', 'query', 'fragment', 'form_post'],
  ...['authorization_code', 'refresh_token', 'client_credentials', 'password', 'urn:legacy:code', 'implicit'],
  ...['read', 'write jobs', 'instant', 'read  read', 'read"', 'S256', 'plain', 'S512', 'mfa', 'pwd', '2000', '99999'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'then'],
  ...['\0', 'a\0b', '\r\nX-Injected: yes', '\r\n\r\n<script>', '\n', '\u2028', '\t', '\x7f', '\x1b[31m', '\u202e'],
  ...['\ud800', '\udfff', 'a\udc00b', '\u{1f4a5}', 'ﬁ', 'İ', 'ß', '\ufeff', '\ufffd', 'é'],
  ...[
    '"><script>alert(1)</script>',
    "'--",
    '\\',
    '\\"',
    '<!--',
    '&amp;',
    '%',
    '%00',
    '%0d%0a',
    '%c0%ae',
    '+',
    '?',
    '#',
  ],
  ...[
    'javascript:alert(1)',
    'data:text/html,x',
    'https://evil.example/',
    '//evil.example',
    'https://web.example/callback/',
  ],
  ...['https://web.example/callback?x', 'https://web.example/callback#x', 'https://web.example/callback/../evil'],
  ...['https://web.example@evil.example/callback', 'HTTPS://web.example/callback', 'https://web.example:443/callback'],
  ...['http://127.0.0.1:1/callback', 'http://127.0.0.1:x/callback', 'http://localhost/callback', 'http://127.0.0.1'],
  ...['https://web.example/callback\r\nX-Injected: yes', 'https://web.example/other?own=1'],
];

/** Those that matter stand there twice. */
export const HEADER_NAMES = [
  ...['Authorization', 'Authorization', 'Cookie', 'Cookie', 'Host', CERTIFICATE_HEADER, 'X-Client-Verify', 'Accept'],
  ...['X-HTTP-Method-Override', 'X-Forwarded-Host', 'X-Forwarded-For', 'X-Forwarded-Proto', 'Forwarded', 'X-User'],
  ...['Content-Encoding', 'Content-Type', 'Content-Length', 'Transfer-Encoding', 'Expect', 'Connection', 'Upgrade'],
  ...['Origin', 'Referer', 'If-None-Match', 'If-Modified-Since', 'Range', 'TE', 'Via', 'X-Original-URL', 'DPoP'],
];
export const HEADER_VALUES = [
  ...['DELETE', 'gzip', 'deflate, br', 'chunked', 'identity', '0', '5', '100-continue', 'close', 'websocket', '*'],
  ...['koa.sess=e30=; koa.sess.sig=x', 'koa.sess=%7B%7D', 'koa.sess=bm90IEpTT04=', 'koa.sess', '=', ';;;', 'a=1; a=2'],
  ...[
    'evil.example',
    'as.example:99999',
    '[::1',
    'as.example/x',
    'null',
    'mfa',
    'bob',
    'SUCCESS',
    '-----BEGIN CERTIFICATE-----',
  ],
];
export const TYPES = [
  ...[
    'application/x-www-form-urlencoded; charset=utf-16',
    'application/x-www-form-urlencoded; charset="x\\"y',
    'text/plain',
  ],
  ...[
    'application/json; charset=utf-7',
    'multipart/form-data',
    'application/x-www-form-urlencoded, application/json',
    '',
    ';',
    '/',
  ],
  ...[
    'application/jwt',
    'application/vnd.api+json',
    'application/x-www-form-urlencoded;',
    ' APPLICATION/X-WWW-FORM-URLENCODED',
  ],
];
export const PATHS = [
  ...[
    '/authorize',
    '/decision',
    '/resume',
    '/login',
    '/token',
    '/introspect',
    '/revoke',
    '/me',
    '/me/anywhere',
    '/jwks',
  ],
  ...[
    '/token/',
    '//token',
    '/TOKEN',
    '/token%00',
    '/%74oken',
    '/token%zz',
    '/token;x=1',
    '/../token',
    '*',
    'http://evil.example/token',
    '/authorize?',
    '/{{code:web}}',
  ],
];
/** What may stand before the path in a request target: RFC 9112 §3.2.2, §3.2.3, and what looks like it. */
export const ORIGINS = [
  ...['http://as.example', 'https://as.example:8443', 'HTTP://evil.example', 'http://user:secret@as.example'],
  ...[
    'as.example:443',
    '[::1]:443',
    'http://[::1',
    'http://xn--',
    'http://as.example:99999',
    'http://%',
    'http:',
    '//',
  ],
  ...['x://', 'x://as.example', 'x://[', '//user@[::1#', '//user@[::1', '\\\\as.example', '*', '?', '#', '.'],
];
export const METHODS = [
  'GET',
  'GET',
  'POST',
  'POST',
  'POST',
  'HEAD',
  'PUT',
  'DELETE',
  'PATCH',
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'QUERY',
  'PROPFIND',
  'post',
  'X',
];
/** What is put between bytes that are encoded already, one character each. */
export const SPLICES = [
  '%',
  '%zz',
  '%c3%28',
  '%ed%a0%80',
  '%00',
  '%0d%0a',
  '%f4%90%80%80',
  '%u0041',
  '&',
  '&&',
  '=',
  '+',
  ';',
  '#',
  '?',
  '\0',
  '[]',
  '\r\n',
  '\n',
  ' ',
  '\t',
  '\xff',
  '\xc3\x28',
  '\xed\xa0\x80',
  '\xf0\x9f',
  '\x80',
  '\xa0',
  '\xef\xbb\xbf',
];
