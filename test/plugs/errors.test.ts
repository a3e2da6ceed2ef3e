/** Errors that carry header fields and further members. */
import assert from 'node:assert/strict';
import { AuthorizationError, exchange, type OAuth2ErrorOptions, TokenError } from 'koauthorize';
import { authorizationServer, browser, redirected, tokenRequest } from '../support/authorization-server.js';
import { pluggedServer } from '../support/plugged-server.js';

/** A token endpoint whose exchange throws. */
const throwing = (code: string, options: OAuth2ErrorOptions, status?: number) => {
  const { app } = authorizationServer({
    plug: (server) =>
      server.exchange(
        exchange.clientCredentials(() => {
          throw new TokenError('Not now', code, undefined, status, options);
        }),
      ),
  });
  return tokenRequest(app, { grant_type: 'client_credentials' });
};

describe('errors with headers and members', () => {
  it('the token endpoint sends both', async () => {
    const headers = { 'DPoP-Nonce': 'a nonce', 'Retry-After': '7' };
    const response = await throwing('use_dpop_nonce', { headers, members: { interval: 5 } });
    assert.deepEqual(
      [response.status, response.headers['dpop-nonce'], response.headers['retry-after']],
      [400, 'a nonce', '7'],
    );
    assert.deepEqual(response.body, { error: 'use_dpop_nonce', error_description: 'Not now', interval: 5 });
    assert.equal(response.headers['cache-control'], 'no-store');
  });

  it('a challenge of its own takes the place of the usual one', async () => {
    const headers = { 'WWW-Authenticate': 'DPoP error="use_dpop_nonce"' };
    const response = await throwing('use_dpop_nonce', { headers }, 401);
    assert.equal(response.headers['www-authenticate'], headers['WWW-Authenticate']);
  });

  it('an extra member does not replace error or error_description', async () => {
    const members = { error: 'invalid_client', error_description: 'All is well', access_token: undefined };
    const { body } = await throwing('invalid_grant', { members });
    assert.deepEqual(body, { error: 'invalid_grant', error_description: 'Not now' });
  });

  it('neither is sent with a redirect, because the browser would get it and not the client', async () => {
    const { app } = pluggedServer({
      plugs: [
        {
          name: 'refusing',
          authorization: {
            parse() {
              throw new AuthorizationError('No', 'access_denied', undefined, undefined, {
                headers: { 'DPoP-Nonce': 'a nonce', 'Set-Cookie': 'a=b' },
                members: { interval: 5, state: 'another' },
              });
            },
          },
        },
      ],
    });
    const response = await browser(app).authorize().expect(302);
    assert.equal(response.headers['dpop-nonce'], undefined);
    assert.doesNotMatch(String(response.headers['set-cookie']), /a=b/);
    assert.deepEqual(redirected(response), { error: 'access_denied', error_description: 'No', state: 'a state' });
  });
});
