/** All authorizations of a run: what is seen is held against what may be. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { StoredRecord, TokenStore } from 'koauthorize/tokens';
import type { Act } from './commands.js';
import { exchange, tokensIn } from './exchange.js';
import { explain, type Request } from './explain.js';
import { bornAt, type Family, type Moment, type World } from './family.js';
import { end, endAll, introspect, isMeant, list, revoke, verify } from './looks.js';
import { CLIENTS } from './process.js';
import { refresh } from './refresh.js';
import type { Asked, Case, Seen, Step } from './steps.js';
import { agreesWithAll, agreesWithList } from './stored.js';
import { toldToRetry } from './told.js';

type Steps = Readonly<Record<Act['deed'], (at: Case) => Step>>;
const STEPS: Steps = { exchange, refresh, revoke, introspect, verify, list, end, endAll };

/** A request that was made, when, and what was seen of it. */
export interface Made {
  readonly asked: Asked;
  readonly seen: Seen;
  readonly moment: Moment;
}

/** @throws AssertionError where no world is left */
function narrow(family: Family, worlds: readonly World[], what: string, details: object): void {
  if (worlds.length === 0) assert.fail(`${what}: ${inspect({ ...details, family }, { depth: 6 })}`);
  family.worlds = worlds;
}

/** What of a request for many authorizations concerns one of them. */
function partOf({ asked, seen, moment }: Made, family: Family): Made {
  const events = seen.events.filter((event) => event.endsWith(family.id));
  const answer = 'answer' in seen && { answer: events.length > 0 };
  const { isVoid: _, ...rest } = seen; // others may have been ended before
  return { asked: { ...asked, family }, seen: { ...rest, events, ...answer }, moment };
}

function requestOf(made: Made): Request {
  const { asked, seen, moment } = made;
  const { family: _, ...rest } = asked;
  return {
    name: JSON.stringify([rest, seen, moment]),
    seen,
    first: STEPS[asked.deed](made),
    toldToRetry: (world) => toldToRetry(world, asked, seen, moment),
  };
}

export class Families {
  readonly all: Family[] = [];

  bear(whose: Omit<Family, 'given' | 'worlds' | 'authorizedAt'>, code: string, moment: Moment): Family {
    const given = { code: [code], access: [], refresh: [] };
    const family: Family = { ...whose, authorizedAt: moment.now, given, worlds: [bornAt(moment)] };
    this.all.push(family);
    return family;
  }

  /** @throws AssertionError for what cannot be explained */
  judge(made: readonly Made[]): void {
    for (const { asked, seen } of made)
      if (asked.deed === 'endAll' && 'answer' in seen) assert.equal(seen.answer, seen.events.length);
    for (const family of this.all) this.#judgeOne(family, made);
  }

  #judgeOne(family: Family, all: readonly Made[]): void {
    const made = all.flatMap((each) => {
      if (each.asked.deed === 'endAll') return isMeant(each.asked, family) ? [partOf(each, family)] : [];
      return each.asked.family === family ? [each] : [];
    });
    if (made.length === 0) return;
    const requests = made.map(requestOf);
    const names = requests.map(({ name }) => name);
    narrow(family, explain(family.worlds, requests), 'nothing explains what was seen', { requests: names });
    for (const { seen } of made) this.#learn(family, seen);
  }

  /** What was handed out is remembered, and is nobody else's. */
  #learn(family: Family, seen: Seen): void {
    const tokens = tokensIn(seen);
    for (const kind of ['access', 'refresh'] as const) {
      const token = tokens[kind];
      if (token === undefined || family.given[kind].includes(token)) continue;
      const isKnown = this.all.some(({ given }) => Object.values(given).flat().includes(token));
      assert.ok(!isKnown, 'what was handed out was handed out before');
      family.given[kind].push(token);
    }
  }

  /** What the lists of users have: no more and no less than there must be. */
  async lookAtLists(store: TokenStore, users: readonly string[], moment: Moment): Promise<void> {
    const lists = await Promise.all(users.map((user) => store.list(user, moment.now)));
    this.#compare(lists.flat(), moment, agreesWithList);
  }

  /** All there is. */
  async lookAtAll(store: TokenStore, moment: Moment): Promise<void> {
    const records: StoredRecord[] = [];
    for (const { client_id } of CLIENTS)
      for await (const record of store.listByClient(client_id, moment.now)) records.push(record);
    this.#compare(records, moment, agreesWithAll);
  }

  #compare(records: readonly StoredRecord[], moment: Moment, agrees: typeof agreesWithAll): void {
    for (const family of this.all) {
      const stored = records.filter(({ authorizationID }) => authorizationID === family.id);
      const left = family.worlds.filter((world) => agrees(world, family, stored, moment));
      narrow(family, left, 'the store has what must not be', { stored, moment });
    }
    const known = new Set(this.all.map(({ id }) => id));
    const unknown = records.filter(({ authorizationID }) => !known.has(authorizationID));
    assert.deepEqual(unknown, [], 'authorizations that nobody gave');
  }
}
