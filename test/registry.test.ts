/** What is plugged in, and what the defaults make of the application's clients and users. */
import assert from 'node:assert/strict';
import { type Extension, exchange, grant, pkce, type ResponseMode } from 'koauthorize';
import type { ServerOptions } from '../lib/core.js';
import { Registry } from '../lib/registry.js';

const code = () => grant.code<unknown, unknown>(() => 'code');

describe('registry', () => {
  const clients: readonly [client: unknown, id: string | undefined, uris: readonly string[] | undefined][] = [
    [{ client_id: 'a' }, 'a', []],
    [{ client_id: 7 }, '7', []],
    [{ client_id: 'a', redirect_uris: ['x'] }, 'a', ['x']],
    [{ client_id: 'a', redirect_uris: 'x' }, 'a', []],
    [{ redirect_uris: 'x' }, undefined, []],
    [{ client_id: 'a', redirect_uris: [7] }, 'a', []],
    [{ id: 'a' }, undefined, undefined],
    [{ client_id: {} }, undefined, undefined],
    ['a', undefined, undefined],
    [null, undefined, undefined],
  ];
  for (const [client, id, uris] of clients) {
    it(`the client ${JSON.stringify(client)}: ${id}, ${uris}`, () => {
      const registry = new Registry<unknown, unknown>();
      assert.deepEqual([registry.clientID(client), registry.redirectURIs(client)], [id, uris]);
    });
  }

  const users: readonly [user: unknown, subject: string | undefined][] = [
    [{ id: 'alice' }, 'alice'],
    [{ id: 7 }, '7'],
    [{ sub: 'alice' }, 'alice'],
    [{ id: 'a', sub: 'b' }, 'a'],
    [{ name: 'alice' }, undefined],
    ['alice', undefined],
    [undefined, undefined],
  ];
  for (const [user, subject] of users) {
    it(`the user ${JSON.stringify(user)}: ${subject}`, () =>
      assert.equal(new Registry<unknown, unknown>().subject(user), subject));
  }

  it('is told otherwise by options', () => {
    const options: ServerOptions<{ key: string }, { email: string }> = {
      clientID: ({ key }) => key,
      redirectURIs: ({ key }) => [key],
      subject: ({ email }) => email,
      now: () => 42,
    };
    const registry = new Registry(options);
    const client = { key: 'k' };
    assert.deepEqual(
      [registry.clientID(client), registry.redirectURIs(client), registry.subject({ email: 'e' }), registry.now()],
      ['k', ['k'], 'e', 42],
    );
  });

  it('the time is in whole seconds', () => assert.ok(Number.isInteger(new Registry().now())));

  for (const length of [1, 22, 43]) {
    it(`an ID of ${length} characters, and never the same`, () => {
      const registry = new Registry();
      assert.match(registry.uid(length), new RegExp(`^[\\w-]{${length}}$`));
      if (length > 20) assert.notEqual(registry.uid(length), registry.uid(length));
    });
  }

  const mode: ResponseMode = { name: 'query', send: () => {} };
  const twice: readonly [what: string, plug: (registry: Registry<unknown, unknown>) => void, message: string][] = [
    ['grant', (registry) => registry.addGrant(code()), 'A grant for response type code is registered already'],
    [
      'grant of the same words',
      (registry) => registry.addGrant({ ...code(), name: registry.grants.has('a b') ? 'b a' : 'a b' }),
      'A grant for response type a b is registered already',
    ],
    [
      'exchange',
      (registry) => registry.addExchange(exchange.code<unknown>(() => 'token')),
      'An exchange for grant type authorization_code is registered already',
    ],
    ['extension', (registry) => registry.addExtension(pkce()), 'An extension pkce is plugged in already'],
  ];
  for (const [what, plug, message] of twice) {
    it(`refuses a second ${what}`, () => {
      const registry = new Registry<unknown, unknown>();
      plug(registry);
      assert.throws(() => plug(registry), { message });
    });
  }

  it('refuses a second response mode', () =>
    assert.throws(() => new Registry().addExtension({ name: 'x', responseModes: [mode] }), {
      message: 'A response mode query is registered already',
    }));

  it('plugs in all of an extension', () => {
    const extension: Extension<unknown, unknown> = {
      name: 'whole',
      grants: [code()],
      exchanges: [exchange.clientCredentials(() => 'token')],
      responseModes: [{ ...mode, name: 'pigeon' }],
    };
    const registry = new Registry<unknown, unknown>();
    registry.addExtension(extension);
    assert.deepEqual([...registry.grants.keys()], ['code']);
    assert.deepEqual([...registry.exchanges.keys()], ['client_credentials']);
    assert.deepEqual([...registry.responseModes.keys()], ['query', 'fragment', 'form_post', 'pigeon']);
    assert.deepEqual(registry.extensions, [extension]);
  });
});
