/** Remembered consent: whether what was given covers what is asked for. */
import assert from 'node:assert/strict';
import { covers, type Scope } from 'koauthorize';
import { authorizationServer, browser, CLIENT } from '../support/authorization-server.js';

describe('covers', () => {
  const rows: readonly [given: Parameters<typeof covers>[0], asked: Parameters<typeof covers>[1], answer: boolean][] = [
    [undefined, undefined, false],
    [undefined, [], false],
    [null, ['read'], false],
    [undefined, ['read'], false],
    [[], undefined, true],
    [[], ['read'], false],
    [['read'], undefined, true],
    [['read'], ['read'], true],
    [['read', 'write'], ['write', 'read'], true],
    [['read'], ['read', 'write'], false],
    [new Set(['read']), ['read'], true],
    [new Set(['read']), ['write'], false],
    ['read write', ['write'], true],
    ['readwrite', ['read'], false],
    ['', ['read'], false],
    [['read'], 'read', true],
    [['read'], 'read write', false],
  ];
  for (const [given, asked, answer] of rows) {
    const shown = given instanceof Set ? `a Set of ${[...given]}` : JSON.stringify(given);
    it(`${shown} ${answer ? 'covers' : 'does not cover'} ${JSON.stringify(asked)}`, () =>
      assert.equal(covers(given, asked), answer));
  }

  it('without a stored consent, a request without a scope is not allowed unasked', async () => {
    const consents = new Map<string, Scope>();
    const { app } = authorizationServer({
      authorization: (server) =>
        server.authorization(
          (_id, uri) => [CLIENT, uri],
          (_client, user, scope) => covers(consents.get(user.id), scope),
        ),
    });
    assert.equal((await browser(app).authorize({ scope: undefined })).status, 200, 'the dialog');
    consents.set('alice', ['read']);
    assert.equal((await browser(app).authorize({ scope: 'read' })).status, 302);
    assert.equal((await browser(app).authorize({ scope: 'read write' })).status, 200);
  });
});
