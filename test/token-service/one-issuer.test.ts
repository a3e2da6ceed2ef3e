/** Codes and tokens do not name their issuer: one store object for two issuers is an error, unless each has a partition of it. */
import assert from 'node:assert/strict';
import { createServer, issuer } from 'koauthorize';
import { memoryStore, partition, type TokenStore, tokenService } from 'koauthorize/tokens';

const A = 'https://as.example/a';
const B = 'https://as.example/b';
const serverOf = (named: string | undefined, store: TokenStore) =>
  createServer({
    ...(named && { issuer: named }),
    tokens: tokenService({ store }),
    clients: { find: () => undefined },
  });

const REFUSED = (error: Error): boolean =>
  [A, B, 'partition(store, issuer)'].every((text) => error.message.includes(text));

describe('a store that is shared by the token services of several servers', () => {
  it('is refused at start if the servers have different issuers: a code of one would be valid at the other', () => {
    const store = memoryStore();
    serverOf(A, store);
    assert.throws(() => serverOf(B, store), REFUSED);
  });

  it('is refused by server.check(), too, if an extension names the issuer after createServer', () => {
    const store = memoryStore();
    serverOf(A, store);
    const late = serverOf(undefined, store).extend(issuer(B));
    assert.throws(() => late.check(), REFUSED);
  });

  it('may have a partition for each issuer', () => {
    const store = memoryStore();
    for (const each of [A, B]) serverOf(each, partition(store, each)).check();
  });

  it('may be the store of two servers of one issuer, with a token service each, or with one for both', () => {
    const store = memoryStore();
    serverOf(A, store).check();
    serverOf(A, store).check();
    const tokens = tokenService({ store });
    for (const prefix of ['', '/v2'])
      createServer({ issuer: A, prefix, tokens, clients: { find: () => undefined } }).check();
  });

  it('may be frozen', () => {
    serverOf(A, Object.freeze(memoryStore())).check();
  });
});
