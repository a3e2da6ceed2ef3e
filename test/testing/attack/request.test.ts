/** What an attack by the request takes for success, and what not. */
import assert from 'node:assert/strict';
import { type Answer, CALLBACK, dialog, FORM, outcome, refused, type Script, to } from './script.js';

describe('an attack by the request', () => {
  const decide = (): Answer => to(`${CALLBACK}?code=c`);

  for (const [what, isRight, expected] of [
    ['refused as it should be', () => false, /^withstood \d{3} variants$/],
    [
      'that begins with the right one',
      (uri) => uri.startsWith(CALLBACK),
      /^succeeded \d\d of .*callback|^succeeded \d\d of /,
    ],
    ['on the same host', (uri) => URL.canParse(uri) && new URL(uri).host === 'client.example', /^succeeded /],
    ['that is the same to a parser', (uri) => URL.canParse(uri) && new URL(uri).href === CALLBACK, /^succeeded /],
    ['in other letters', (uri) => uri.toLowerCase() === CALLBACK, /^succeeded /],
    ['with white space around', (uri) => uri.trim() === CALLBACK, /^succeeded /],
    ['with a user', (uri) => uri.endsWith('@client.example/cb'), /^succeeded /],
    ['with the right one anywhere', (uri) => uri.includes('client.example/cb'), /^succeeded /],
    ['on a host that ends like it', (uri) => /^https:\/\/[\w.-]*client\.example\/cb$/.test(uri), /^succeeded /],
    ['on another port', (uri) => /^https:\/\/client\.example:\d+\/cb$/.test(uri), /^succeeded /],
    ['with http', (uri) => uri === 'http://client.example/cb', /^succeeded 1 of \d+ .* a dialog is shown$/],
  ] as [string, (uri: string) => boolean, RegExp][]) {
    it(`redirect-uri-variants: one ${what}`, async () => {
      const authorize = (params: URLSearchParams): Answer =>
        isRight(params.get('redirect_uri') ?? '') ? dialog() : refused;
      assert.match(await outcome('redirect-uri-variants', { authorize, decide }), expected);
    }).timeout(20_000);
  }

  for (const [what, location, expected] of [
    [
      'an error is sent there',
      'https://attacker.example/callback?error=x',
      /^succeeded the browser is sent to https:\/\/attacker/,
    ],
    ['the server goes to its own page of errors', '/error?error=x', /^withstood$/],
    ['the client is told', `${CALLBACK}?error=invalid_request&state=s`, /^withstood$/],
    ['the client is told, at an address of the attacker', `${CALLBACK}?x=y&error=x`, /^succeeded/],
    ['it is sent where no browser goes', 'http://[broken', /^succeeded/],
    ['it is sent there without anything', 'https://attacker.example/callback', /^succeeded/],
    ['another server logs users in', 'https://login.example/?return_to=x', /^withstood$/],
  ] as const) {
    it(`open-redirect-by-error: ${what}`, async () => {
      assert.match(await outcome('open-redirect-by-error', { authorize: () => to(location) }), expected);
    });
  }

  it('open-redirect-by-error: a page of errors may have the form of a dialog in it', async () => {
    assert.equal(
      await outcome('open-redirect-by-error', { authorize: () => ({ ...refused, body: FORM }) }),
      'withstood',
    );
    assert.match(
      await outcome('open-redirect-by-error', { authorize: () => dialog() }),
      /^succeeded a dialog is shown/,
    );
  });

  for (const [what, isAccepted, expected] of [
    [
      'the first of two counts',
      (params) => params.getAll('redirect_uri').length === 2 && params.get('redirect_uri') === CALLBACK,
      /^succeeded a request with redirect_uri twice/,
    ],
    [
      'the last of two counts',
      (params) => params.getAll('redirect_uri').length === 2 && params.getAll('redirect_uri')[1] === CALLBACK,
      /^succeeded a request with redirect_uri twice/,
    ],
    [
      'only a client_id may not be there twice',
      (params) => params.getAll('client_id').length === 1 && params.getAll('scope').length === 2,
      /^succeeded a request with scope twice/,
    ],
    [
      'an operator counts',
      (params) => params.has('client_id[$ne]') && !params.has('client_id'),
      /^succeeded a request with client_id\[\$ne\]/,
    ],
    [
      'unknown names are ignored',
      (params) =>
        ['client_id', 'redirect_uri', 'response_type', 'state', 'code_challenge', 'code_challenge_method'].every(
          (name) => params.getAll(name).length === 1,
        ) && !params.getAll('scope')[1],
      /^withstood$/,
    ],
  ] as [string, (params: URLSearchParams) => boolean, RegExp][]) {
    it(`authorization-parameter-pollution: ${what}`, async () => {
      const authorize = (params: URLSearchParams): Answer => (isAccepted(params) ? dialog() : refused);
      assert.match(await outcome('authorization-parameter-pollution', { authorize, decide }, 'read'), expected);
    });
  }

  it('authorization-parameter-pollution: a scope that the client does not ask for is none that is there twice', async () => {
    const authorize = (params: URLSearchParams): Answer => {
      const names = [...params.keys()];
      return names.includes('client_id') && new Set(names).size === names.length ? dialog() : refused;
    };
    assert.equal(await outcome('authorization-parameter-pollution', { authorize, decide }), 'withstood');
  });

  it('authorization-parameter-pollution: an array says where the answer goes', async () => {
    const authorize = (params: URLSearchParams): Answer =>
      to(`${params.get('redirect_uri[]') ?? `${CALLBACK}?error=x`}`);
    assert.equal(
      await outcome('authorization-parameter-pollution', { authorize }),
      'succeeded the answer goes where redirect_uri[] says',
    );
  });

  it('implicit-grant: any response type that gives a token is one', async () => {
    const authorize = (params: URLSearchParams): Answer =>
      params.get('response_type') === 'code id_token token' ? to(`${CALLBACK}#access_token=t&code=c`) : refused;
    assert.match(await outcome('implicit-grant', { authorize }), /^succeeded response_type=code id_token token /);
  });

  it('pkce-plain-downgrade: a method that is left out, and a code that is good for its challenge', async () => {
    let challenge = '';
    const script = (isGood: (verifier: string | null) => boolean): Script => ({
      authorize(params) {
        challenge = params.get('code_challenge') ?? '';
        return params.has('code_challenge_method') ? refused : to(`${CALLBACK}?code=c`);
      },
      token: (params) => (isGood(params.get('code_verifier')) ? { body: '{"access_token":"t"}' } : refused),
    });
    const plain = script((verifier) => verifier === challenge);
    assert.equal(await outcome('pkce-plain-downgrade', plain), 'succeeded with code_challenge_method left out');
    assert.equal(
      await outcome(
        'pkce-plain-downgrade',
        script(() => false),
      ),
      'withstood',
      'the code is of no use',
    );
  });

  it('pkce-missing-challenge: an empty one is none', async () => {
    const authorize = (params: URLSearchParams): Answer =>
      params.get('code_challenge') === '' ? to(`${CALLBACK}?code=c`) : refused;
    assert.match(await outcome('pkce-missing-challenge', { authorize }), /^succeeded web is given a code/);
  });
});
