/** Mistakes that no request can do without are errors at start. */
import assert from 'node:assert/strict';
import { createServer, resourceIndicators, type ServerOptions } from 'koauthorize';
import { generateSigningKey, jwt, keySet, memoryStore, tokenService } from 'koauthorize/tokens';

const issuer = 'https://as.example';
const API = 'https://api.example';
const signing = await keySet({ signing: await generateSigningKey('ES256') });
/** As plain JavaScript may call it. */
const made = (options: object) => createServer(options as ServerOptions);

describe('an error at start', () => {
  for (const clients of [new Map(), [], {}, null])
    it(`are clients that cannot be found: ${JSON.stringify(clients)} of ${clients?.constructor.name}`, () => {
      assert.throws(
        () => made({ clients }),
        /createServer\(\{ clients \}\) needs \{ find: \(id\) => client \}, and not \[object /,
      );
    });

  it('is a store in place of the token service', () => {
    assert.throws(
      () => made({ tokens: memoryStore() }),
      /createServer\(\{ tokens \}\) needs a token service, such as tokenService\(\{ store \}\), and not /,
    );
  });

  const jwts = (options: object, more: object) =>
    made({ ...more, tokens: tokenService({ store: memoryStore(), accessTokens: jwt({ audience: API, ...options }) }) });

  it('RFC 9068 §2 are JWTs without keys to sign them, or without an issuer', () => {
    assert.throws(
      () => jwts({}, { issuer }).check(),
      /jwt\(\{ keys \}\) is needed, or createServer\(\{ keys, tokens \}\)/,
    );
    assert.throws(() => jwts({ keys: signing }, {}).check(), /jwt\(\{ issuer \}\) is needed/);
    for (const [options, more] of [
      [{}, { issuer, keys: signing }],
      [{ keys: signing }, { issuer }],
      [{ issuer, keys: signing }, {}],
    ] as const)
      jwts(options, more).check();
  });

  it('RFC 9068 §2 are JWTs without keys for one of the APIs', () => {
    const resources = { [API]: { accessTokens: jwt({ audience: API }) } };
    const server = (more: object) =>
      made({ issuer, tokens: tokenService({ store: memoryStore() }), ...more }).extend(
        resourceIndicators({ resources }),
      );
    assert.throws(() => server({}).check(), /jwt\(\{ keys \}\) is needed/);
    server({ keys: signing }).check();
  });
});
