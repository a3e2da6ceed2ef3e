/** Those who judge the answers see what is wrong with them. */
import assert from 'node:assert/strict';
import { ISSUER } from '../support/authorization-server.js';
import { type Answer, readAnswers } from './answer.js';
import { DRAFTS } from './drafts.js';
import { type House, openHouse, VARIANTS } from './house.js';
import { judge } from './judge.js';
import { Live } from './live.js';
import { render, type Sent } from './render.js';
import { EXTENDED } from './vocabulary.js';
import { Wire } from './wire.js';

const LOCATION = 'https://web.example/callback?code=a-code-of-the-tests&state=a+state&iss=';
const ISS = encodeURIComponent(ISSUER);
const REDIRECT = [
  'HTTP/1.1 302 Found',
  'X-Fuzz-Route: authorize',
  'Cache-Control: no-store',
  'Pragma: no-cache',
  `Location: ${LOCATION}${ISS}`,
  'Content-Length: 0',
];
const ERROR = [
  'HTTP/1.1 400 Bad Request',
  'X-Fuzz-Route: token',
  'Cache-Control: no-store',
  'Pragma: no-cache',
  'Content-Type: application/json',
];

const text = (lines: readonly string[], body = ''): string =>
  `${[...lines, ...(body && [`Content-Length: ${body.length}`])].join('\r\n')}\r\n\r\n${body}`;
const redirect = (from: string, to: string): string => text(REDIRECT.map((line) => line.replace(from, to)));
const error = (body: object): string => text(ERROR, JSON.stringify(body));

describe('the judges of the answers', () => {
  let house: House;
  let wire: Wire;
  const sent: Record<string, Sent> = {};

  before(async () => {
    house = await openHouse(VARIANTS[0] ?? '');
    wire = new Wire(house.port);
    for (const name of ['authorize: code', 'token: code']) {
      const draft = DRAFTS[name];
      if (draft) sent[name] = await render(draft, new Live(house, wire));
    }
  });
  after(() => {
    wire.close();
    house.close();
  });

  const faultsOf = (name: string, received: string, at = house.name): readonly string[] => {
    const { answers, rest }: { answers: readonly Answer[]; rest: Buffer } = readAnswers(
      Buffer.from(received, 'latin1'),
      false,
    );
    const request = sent[name] ?? assert.fail();
    return judge(request, { answers, rest, isClosed: false }, at).flatMap(({ faults }) => faults);
  };

  it('have nothing against good ones', () => {
    assert.deepEqual(faultsOf('authorize: code', text(REDIRECT)), []);
    assert.deepEqual(faultsOf('token: code', error({ error: 'invalid_grant', error_description: 'No' })), []);
  });

  const bad: readonly [what: string, request: string, received: () => string, fault: RegExp][] = [
    ['another URI', 'authorize: code', () => redirect('callback?', 'callback/x?'), /unregistered/],
    ['another host', 'authorize: code', () => redirect('web.example', 'web.example.evil'), /unregistered/],
    ["another client's URI", 'authorize: code', () => redirect('web.example', 'odd.example'), /unregistered/],
    ['another state', 'authorize: code', () => redirect('a+state', 'a+stat'), /^state is/],
    ['no iss', 'authorize: code', () => redirect(`&iss=${ISS}`, ''), /^iss/],
    ['two codes', 'authorize: code', () => redirect('&iss', '&code=x&iss'), /twice/],
    ['a token in a query', 'authorize: code', () => redirect('code=', 'access_token='), /token in a query/],
    ['server_error', 'authorize: code', () => redirect('code=a-code-of-the-tests', 'error=server_error'), /^error is/],
    ['a status that repeats the form', 'authorize: code', () => redirect('302', '307'), /^307/],
    [
      'a header of the request’s',
      'authorize: code',
      () => redirect('Pragma', 'X-Injected: yes\r\nPragma'),
      /nobody sets/,
    ],
    ['two answers', 'authorize: code', () => text(REDIRECT).repeat(2), /more than one/],
    ['an answer that caches keep', 'authorize: code', () => redirect('no-store', 'public'), /may be stored/],
    [
      'a description with a quote',
      'token: code',
      () => error({ error: 'invalid_grant', error_description: '"' }),
      /description/,
    ],
    ['an unknown error', 'token: code', () => error({ error: 'bad' }), /^error is bad/],
    ['a member too many', 'token: code', () => error({ error: 'invalid_grant', stack: 'at' }), /member stack/],
    ['no JSON', 'token: code', () => text(ERROR, 'Bad Request'), /no JSON/],
    [
      'invalid_client with 403',
      'token: code',
      () => error({ error: 'invalid_client' }).replace('400 Bad', '403 Bad'),
      /403 for invalid_client/,
    ],
    ['500', 'token: code', () => error({ error: 'invalid_grant' }).replace('400 Bad', '500 Bad'), /^500/],
    [
      'the code again',
      'token: code',
      () => error({ error: 'invalid_grant', error_description: `Invalid: ${sent['token: code']?.live.secrets[0]}` }),
      /secret again/,
    ],
  ];
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const inJWT = (claims: object): string => {
    const jwt = `${part({ alg: 'none' })}.${part({ iss: ISSUER, aud: 'web', exp: 1, state: 'a state', ...claims })}.x`;
    return redirect(LOCATION + ISS, `https://web.example/callback?response=${jwt}`);
  };

  it('read a response in a JWT where every extension is plugged in', () => {
    const faults = (claims: object) => faultsOf('authorize: code', inJWT(claims), EXTENDED);
    assert.deepEqual(faults({ code: 'x' }), []);
    assert.deepEqual(faults({ code: 'x', state: 'b' }), ['state is b, and not a state']);
    assert.deepEqual(faults({ error: 'bad' }), ['error is bad']);
    assert.deepEqual(faults({ id_token: 'x' }), ['a token in a query']);
    assert.deepEqual(faults({ code: 'x', extra: 1 }), ['a parameter extra']);
  });

  const answerOf = (route: string, body: object): string =>
    text(
      ERROR.map((line) => line.replace('400 Bad Request', '200 OK').replace(': token', `: ${route}`)),
      JSON.stringify(body),
    );

  it('see a device that is let in without its dialog', () => {
    const faults = (page: string) => faultsOf('token: code', answerOf('device', { page }), EXTENDED);
    assert.deepEqual(faults('code'), []);
    assert.deepEqual(faults('consent'), ['a dialog without a user code']);
    assert.deepEqual(faults('allowed'), ['it is allowed without the dialog']);
    assert.deepEqual(faults('other'), ['a page other']);
  });

  it('see a device that sends its user elsewhere', () => {
    const uri = `${ISSUER}/device`;
    const good = { device_code: 'x'.repeat(40), user_code: 'BCDF-GHJK', expires_in: 600, interval: 5 };
    const faults = (more: object) =>
      faultsOf('token: code', answerOf('device_authorization', { ...good, ...more }), EXTENDED);
    const complete = `${uri}?user_code=BCDF-GHJK`;
    assert.deepEqual(faults({ verification_uri: uri, verification_uri_complete: complete }), []);
    assert.deepEqual(faults({ verification_uri: 'https://evil.example', verification_uri_complete: complete }), [
      'it sends users elsewhere',
    ]);
  });

  for (const [what, request, received, fault] of bad) {
    it(`see ${what}`, () => {
      const faults = faultsOf(request, received());
      assert.ok(
        faults.some((one) => fault.test(one)),
        `${faults}`,
      );
    });
  }
});
