/** What `storeContract()` finds: for each check a store that only this check fails, or few others. */
import assert from 'node:assert/strict';
import { storeContract } from 'koauthorize/testing';
import type { StoredRecord, TokenStore } from 'koauthorize/tokens';
import { type Flaw, withFlaw } from './handle.js';
import * as reading from './reading-flaws.js';
import * as writing from './writing-flaws.js';

/** The checks of the contract, by name. */
function checksOf(open: () => TokenStore): ReadonlyMap<string, () => Promise<void>> {
  const checks = new Map<string, () => Promise<void>>();
  const it = (name: string, body: () => Promise<void>): void => void checks.set(name, body);
  storeContract({ describe: (_, body) => body(), it }, { open, second: open });
  return checks;
}

const SEVERAL =
  'leaves out the one of several whose ID is taken, stores the others, and says that it did not store all';
const NAMES = 'tells apart users and clients whose names look alike';
const ALL_ARE_LISTED =
  'never leaves out an authorization where others of a user and a client who have 2000 end at the same moment';
const ALL_OF_ONE =
  'lists the live records of an authorization, 1200 and more, and no others, if it has listByAuthorization';
const ANY_RECORD = 'lists and consumes records of every kind, size and lifetime';
const MICROSECOND =
  'does nothing for a caller who waits a microsecond, neither then nor later, unless it waits for nothing';
const ALL_ARE_ENDED = 'hides each of 1500 records of an authorization, which are all listed for its client before';
const STAYS_CONSUMED = 'tells nobody that they are first again, up to the end of the record';
const STAYS_REVOKED = 'hides what comes later, up to the end of the revocation';
const FRESH = 'gives what another has put, consumed, removed and revoked since it was read';

const KNOWN = ['code', 'access_token', 'refresh_token', 'ephemeral', 'jti'];
const YEAR = 365 * 86_400;
const isKnown = ({ kind }: StoredRecord): boolean => KNOWN.includes(kind);
const like = (wildcard: string, meant: string): Flaw =>
  reading.matching((name, asked) => {
    const parts = asked.split(wildcard).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return new RegExp(`^${parts.join(meant)}$`, 's').test(name);
  });
const asNumber = (name: string): string => (/^[\d.e]+$/.test(name) ? `${Number(name)}` : name);

/** Stores that do one thing wrong, below the check that must find it. */
const WRONG: Readonly<Record<string, Readonly<Record<string, Flaw>>>> = {
  [SEVERAL]: {
    'says that it stored all': writing.saysTrue,
    'stores none': writing.allOrNothing,
    'has a successor replace a record': writing.successorsReplace,
  },
  'takes the ID of a record that was removed, consumed or not': { 'never does': writing.removedStayTaken() },
  [NAMES]: {
    'ignores case': reading.comparing((name) => name.toLowerCase()),
    'ignores accents': reading.comparing((name) => name.replace('\u00e9', 'e')),
    'ignores the normal form': reading.comparing((name) => name.normalize('NFC')),
    'ignores the width of characters': reading.comparing((name) => name.replace('\uff32', 'R')),
    'ignores spaces at the end': reading.comparing((name) => name.trimEnd()),
    'ignores spaces at the beginning': reading.comparing((name) => name.trimStart()),
    'ignores characters that nobody sees': reading.comparing((name) => name.replace(/\p{Cf}/gu, '')),
    'reads no further than NUL': reading.comparing((name) => name.replace(/\0.*/s, '')),
    'takes texts for numbers': reading.comparing(asNumber),
    'takes _ for any character': like('_', '.'),
    'takes % for anything': like('%', '.*'),
    'cuts what is long': reading.comparing((name) => name.slice(0, 255)),
  },
  'tells apart IDs that differ by case': { 'ignores case': writing.caselessIDs },
  'tells the first that it was first, and stores its successor, where what is consumed is kept no longer': {
    'gives nothing': writing.keptNoLonger,
  },
  [MICROSECOND]: { 'looks before it waits': writing.lookingFirst, 'refuses it, and does it': writing.goingOn },
  [ALL_ARE_LISTED]: {
    'lists 1500 of a user': reading.listing((_, place) => place < 1500),
    'lists 1000 of a client': reading.listingByClient((_, place) => place < 1000),
  },
  [ANY_RECORD]: {
    'lists the kinds that it knows': reading.listing(isKnown),
    'lists the kinds that it knows, of a client': reading.listingByClient(isKnown),
    'lists what is small': reading.listing(({ data }) => JSON.stringify(data).length < 10_000),
    'lists what ends within 50 years': reading.listing(({ expiresAt }, _, now) => expiresAt < now + 50 * YEAR),
    'tells of the kinds that it knows who is first': writing.firstOf(KNOWN),
  },
  [ALL_OF_ONE]: {
    'lists 1000 of an authorization': reading.listingByAuthorization((_, place) => place < 1000),
    'leaves out what has no user': reading.listingByAuthorization(({ subject }) => subject !== undefined),
    'leaves out what was consumed': reading.listingByAuthorization(({ consumedAt }) => consumedAt === undefined),
    'lists its neighbours': reading.listingNeighbours(),
  },
  'is not shortened by a revocation that ends earlier': { 'has the later one count': writing.lastRevocationCounts() },
  [ALL_ARE_ENDED]: {
    'ends the first 25': writing.revokingFirst(25),
    'ends the first 1000': writing.revokingFirst(1000),
    'lists 1000 of a client': reading.listingByClient((_, place) => place < 1000),
  },
  [STAYS_CONSUMED]: {
    'forgets after a minute that it was consumed': writing.consumedFor(60),
    'forgets after ten minutes that it was consumed': writing.consumedFor(600),
    'forgets after ninety days that it was consumed': writing.consumedFor(90 * 86_400),
  },
  [STAYS_REVOKED]: {
    'forgets a revocation after two minutes': writing.revokedFor(125),
    'forgets a revocation after an hour': writing.revokedFor(3600),
    'forgets a revocation after ninety days': writing.revokedFor(90 * 86_400),
  },
  'keeps a seal of 64 kB': {
    'cuts off seals after 4 kB': writing.sealsUpTo(4096),
    'cuts off seals after 64 kB': writing.sealsUpTo(65_535),
  },
  [FRESH]: {
    'remembers what it read, until it writes': reading.remembering(() => true, ['put', 'consume', 'remove', 'revoke']),
    'remembers access tokens, until it ends one': reading.remembering(
      ({ kind }) => kind === 'access_token',
      ['remove', 'revoke'],
    ),
    'remembers where there was nothing': reading.rememberingNothing,
    'remembers lists': reading.rememberingLists,
    'remembers what an extension keeps': reading.remembering((record) => !isKnown(record), []),
  },
  'has everything once it was closed and is opened again, unless it says that it is volatile': {
    'loses it': writing.losing(),
  },
};

describe('the contract of stores finds a store that', function () {
  this.timeout(30_000);

  it('does nothing wrong in none of its checks', async () => {
    const checks = checksOf(withFlaw(() => ({})));
    assert.deepEqual(
      Object.keys(WRONG).filter((name) => !checks.has(name)),
      [],
    );
    for (const [name, run] of checks) await assert.doesNotReject(run, name);
  });

  for (const [check, flaws] of Object.entries(WRONG))
    for (const [what, flaw] of Object.entries(flaws))
      it(`${what}: ${check}`, async () => {
        const run = checksOf(withFlaw(flaw)).get(check);
        assert.ok(run);
        await assert.rejects(run, assert.AssertionError);
      });
});
