/** Whatever members extensions declare come out as they went in, after a code and after each refresh, from every store. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { TokenStore } from 'koauthorize/tokens';
import { lmdbStore } from '../../lib/token-service/store/lmdb.js';
import { memoryStore } from '../../lib/token-service/store/memory.js';
import { pluggedServer, type TestPlug } from '../support/plugged-server.js';

/** JSON as a client or an application may have it; of `-0` and `undefined` JSON knows nothing. */
const value = fc.jsonValue({ maxDepth: 3 }).map((one) => JSON.parse(JSON.stringify(one)));
/** Names that an extension may choose: neither those of the toolkit nor `__proto__`. */
const name = fc.stringMatching(/^[a-z]{1,8}$/).map((word) => `own_${word}`);
const members = fc.dictionary(name, value, { maxKeys: 4 });

interface Declared {
  /** Of the authorization request. */
  readonly asked: object;
  /** Of the authorization. */
  readonly granted: object;
  /** Of each token request: of `parse`, and of `check`. */
  readonly read: object;
  readonly found: object;
  readonly claims: object;
  readonly notes: object;
}

const declared = fc.record<Declared>({
  asked: members,
  granted: members,
  read: members,
  found: members,
  claims: members,
  notes: members,
});

/** Names that tell the members of one extension, and of one place, from those of all others. */
function own(prefix: string, object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, one]) => [`${prefix}_${key}`, one]));
}

const places = (by: string, { asked, granted, read, found, claims, notes }: Declared) => ({
  asked: own(`${by}_asked`, asked),
  granted: own(`${by}_granted`, granted),
  read: own(`${by}_read`, read),
  found: own(`${by}_found`, found),
  claims: own(`${by}_claim`, claims),
  notes: own(`${by}_note`, notes),
});

function declaring(by: string, one: ReturnType<typeof places>): TestPlug {
  return {
    name: by,
    authorization: { parse: () => one.asked, authorize: () => one.granted },
    token: {
      parse: () => ({ ...one.read, claims: one.claims }),
      check: () => ({ ...one.found, notes: one.notes }),
    },
  };
}

type Seen = Readonly<Record<'authorization' | 'request' | 'asked', Readonly<Record<string, unknown>>>>;

/** What starts with the names of the two extensions. */
function ofExtensions(object: object | undefined): object {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([key]) => /^(one|two)_/.test(key)));
}

function watching(seen: Seen[]): TestPlug {
  return {
    name: 'watching',
    token: {
      respond(_response, request, authorization) {
        seen.push({
          authorization: ofExtensions(authorization) as Seen['authorization'],
          request: ofExtensions(request) as Seen['request'],
          asked: ofExtensions(authorization?.request) as Seen['asked'],
        });
        return undefined;
      },
    },
  };
}

async function holds(store: TokenStore, one: Declared, two: Declared): Promise<void> {
  const [first, second] = [places('one', one), places('two', two)];
  const seen: Seen[] = [];
  const { connect, refresh, tokens } = pluggedServer({
    store,
    plugs: [declaring('one', first), declaring('two', second), watching(seen)],
  });
  const answers = [await connect()];
  for (let count = 0; count < 2; count += 1)
    answers.push((await refresh(answers.at(-1).refresh_token).expect(200)).body);
  const expected = {
    authorization: { ...first.granted, ...second.granted },
    request: { ...first.read, ...second.read, ...first.found, ...second.found },
    asked: { ...first.asked, ...second.asked },
  };
  assert.deepEqual(seen, [expected, expected, expected]);
  for (const { access_token } of answers) {
    const token = await tokens.verify(access_token);
    assert.deepEqual(ofExtensions(token?.claims), { ...first.claims, ...second.claims });
    assert.deepEqual({ ...token?.notes }, { ...first.notes, ...second.notes });
  }
}

describe('whatever members two extensions declare', function () {
  this.timeout(60_000);

  it('come out after a code and after two refreshes: memory', () =>
    fc.assert(
      fc.asyncProperty(declared, declared, async (one, two) => {
        await holds(memoryStore(), one, two);
      }),
      { numRuns: 30 },
    ));

  it('come out after a code and after two refreshes: lmdb', async () => {
    const path = mkdtempSync(join(tmpdir(), 'koauthorize-members-'));
    const store = lmdbStore({ path });
    try {
      await fc.assert(
        fc.asyncProperty(declared, declared, async (one, two) => {
          await holds(store, one, two);
        }),
        { numRuns: 15 },
      );
    } finally {
      await store.close();
      rmSync(path, { recursive: true, force: true });
    }
  });
});
