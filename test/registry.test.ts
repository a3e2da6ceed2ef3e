/** What is plugged in, and what the defaults make of the application's clients and users. */
import assert from 'node:assert/strict';
import {
  certificateBoundTokens,
  createServer,
  type Extension,
  exchange,
  grant,
  issuer,
  pkce,
  type ResponseMode,
  stepUp,
  TokenError,
} from 'koauthorize';
import { Registry } from '../lib/registry/registry.js';
import type { ServerOptions } from '../lib/server-options.js';
import { authorizationServer, tokenRequest } from './support/authorization-server.js';
import { assertErrorHere } from './support/form.js';

const code = () => grant.code<unknown, unknown>(() => 'code');

describe('extensions that contradict each other', () => {
  const asking = (name: string, ...adds: string[]): Extension => ({ name, adds });

  it('two that add one member are told so when they are plugged in, and not at the first request that has it', () => {
    const login = stepUp({ authenticationEvent: () => undefined });
    assert.throws(
      () => createServer().extend(asking('one', 'level')).extend(asking('mine', 'level')),
      /one and mine would both add "level"/,
    );
    assert.throws(
      () => createServer().extend(asking('other', 'confirmation.x5t#S256')).extend(certificateBoundTokens()),
      /other and certificate-bound tokens would both add "confirmation.x5t#S256"/,
    );
    assert.throws(() => createServer().extend(pkce()).extend(asking('mine', 'codeChallenge')), /pkce and mine/);
    assert.throws(
      () => createServer().extend(issuer('https://as.example')).extend(asking('mine', 'iss')),
      /issuer and mine/,
    );
    createServer().extend(pkce()).extend(login).extend(certificateBoundTokens()).extend(asking('mine', 'own'));
  });

  it('two statuses of one error code, and a status that is none', () => {
    const failing = (name: string, status: number): Extension => ({ name, errors: { not_yet: status } });
    assert.throws(
      () => createServer().extend(failing('one', 403)).extend(failing('two', 409)),
      /not_yet has the status 403 already/,
    );
    createServer().extend(failing('one', 403)).extend(failing('two', 403));
    for (const status of [200, 399, 600, 403.5, Number.NaN])
      assert.throws(() => createServer().extend(failing('one', status)), {
        name: 'TypeError',
        message: /is not the HTTP status of an error/,
      });
  });

  it('an error code with a status that its extension declares is answered with it', async () => {
    const { app } = authorizationServer({
      plug(server) {
        server.exchange(
          exchange.clientCredentials((_client, scope) => {
            if (scope) throw new TokenError('Not yet', 'not_yet', undefined, 429);
            throw new TokenError('Not yet', 'not_yet');
          }),
        );
        server.extend({ name: 'patience', errors: { not_yet: 403 } });
      },
    });
    const params = { grant_type: 'client_credentials' };
    assertErrorHere(await tokenRequest(app, params), 403, 'not_yet');
    assertErrorHere(await tokenRequest(app, { ...params, scope: 'read' }), 429, 'not_yet');
  });
});

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
