/** Carries out a run of commands, and holds what is seen against what may be. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { TokenStore } from 'koauthorize/tokens';
import { API } from '../support/token-server.js';
import type { Act, Command, Fault, Picks } from './commands.js';
import { exchange, tokensIn } from './exchange.js';
import { explain, type Request } from './explain.js';
import { bornAt, type Family, type Moment, type World } from './family.js';
import { end, introspect, list, revoke, verify } from './looks.js';
import { perform } from './perform.js';
import { CLIENTS, type Process, startProcess } from './process.js';
import { refresh } from './refresh.js';
import { current, type Note, stage } from './stage.js';
import type { Asked, Case, Seen, Step } from './steps.js';
import { agrees } from './stored.js';
import type { Clock, Place } from './stores.js';

/** 2026-01-01. */
const START = 1_767_225_600;

type Steps = Readonly<Record<Act['deed'], (at: Case) => Step>>;
const STEPS: Steps = { exchange, refresh, revoke, introspect, verify, list, end };

type Authorize = Extract<Command, { readonly command: 'authorize' }>;
const PLAIN = { back: 0, by: 'owner', scope: 'same', verifier: 'right' } as const;

export interface RunOptions {
  readonly place: Place;
  readonly clock: Clock;
  readonly grace: number;
  /** Tells the users of this run from those of others in the same store. */
  readonly id: string;
}

/** @throws AssertionError where no world is left */
function narrow(family: Family, worlds: readonly World[], what: string, details: object): void {
  if (worlds.length === 0) assert.fail(`${what}: ${inspect({ ...details, family }, { depth: 6 })}`);
  family.worlds = worlds;
}

/** One authorization server, from its first request to its last. */
export class Run {
  readonly #options: RunOptions;
  readonly #families: Family[] = [];
  readonly #stage = stage();
  readonly #users: readonly string[];
  #latest = START;
  #store: TokenStore;
  #process: Process;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#users = ['alice', 'bob'].map((name) => `${name}-${options.id}`);
    options.clock.now = START;
    options.place.clear();
    this.#store = options.place.open();
    this.#process = this.#start();
  }

  async carryOut(commands: readonly Command[]): Promise<void> {
    try {
      await this.#authorize({ client: 0, user: 0, scope: 'read write', connect: true });
      for (const command of commands) {
        if (command.command === 'tick') this.#tick(command.seconds);
        else if (command.command === 'authorize') await this.#authorize(command);
        else await this.#batch(this.#families.at(-1 - (command.family % this.#families.length)), command);
        await this.#look();
      }
      for (const family of this.#families) await this.#audit(family);
    } finally {
      await this.#store.close();
    }
  }

  #start(): Process {
    const { clock, grace } = this.#options;
    return startProcess({ store: this.#stage.begin(this.#store), grace, now: () => clock.now });
  }

  #moment(): Moment {
    return { now: this.#options.clock.now, latest: this.#latest, grace: this.#options.grace };
  }

  #tick(seconds: number): void {
    const { clock } = this.#options;
    clock.now += seconds;
    this.#latest = Math.max(this.#latest, clock.now);
  }

  async #authorize({ client, user, scope, connect }: Omit<Authorize, 'command'>): Promise<void> {
    const [app, subject] = [CLIENTS[client], this.#users[user]];
    assert.ok(app && subject !== undefined, 'the client and the user are there');
    const note: Note = { events: [], broken: false };
    const ask = () => current.run(note, () => this.#process.authorize(app, subject, scope));
    const [answer] = await this.#stage.play([ask], [], undefined);
    const { code } = answer ?? {};
    assert.ok(code, 'a code is given');
    const id = note.events[0]?.split(' ').at(-1) ?? '';
    assert.deepEqual(note.events, [`issued code ${app.client_id} ${subject} ${id}`]);
    const whose = { id, clientID: app.client_id, subject, scope, authorizedAt: this.#moment().now };
    const given = { code: [code], access: [], refresh: [] };
    const family: Family = { ...whose, given, worlds: [bornAt(this.#moment())] };
    this.#families.push(family);
    if (connect) await this.#batch(family, { acts: [{ ...PLAIN, deed: 'exchange', kind: 'code' }] });
  }

  #resolve(family: Family, act: Act): Asked[] {
    const tokens = family.given[act.kind];
    const token = tokens.at(-1 - act.back) ?? tokens[0];
    const other = CLIENTS.find(({ client_id }) => client_id !== family.clientID);
    const clients = { owner: family.clientID, other: other?.client_id ?? '', api: API.client_id };
    return token === undefined ? [] : [{ ...act, family, token, clientID: clients[act.by] }];
  }

  async #batch(
    family: Family | undefined,
    {
      acts,
      picks = [],
      fault,
    }: { readonly acts: readonly Act[]; readonly picks?: Picks; readonly fault?: Fault | undefined },
  ): Promise<void> {
    if (!family) return;
    const isAlone = acts.length === 1 || !this.#options.place.listsLate;
    const asked = acts.filter(({ deed }) => deed !== 'list' || isAlone).flatMap((act) => this.#resolve(family, act));
    const process = this.#process;
    const performing = asked.map((each) => () => perform(process, each, this.#stage.isDead));
    const seen = await this.#stage.play(performing, picks, fault);
    if (this.#stage.isDead()) await this.#restart();
    this.#judge(family, asked, seen);
  }

  async #restart(): Promise<void> {
    await this.#store.close();
    this.#store = this.#options.place.open();
    this.#process = this.#start();
  }

  #judge(family: Family, asked: readonly Asked[], seen: readonly Seen[]): void {
    const moment = this.#moment();
    const requests = asked.map((each, i): Request => {
      const { family: _, ...rest } = each;
      const at = { asked: each, seen: seen[i] ?? { events: [] }, moment };
      return { name: JSON.stringify([rest, at.seen]), seen: at.seen, first: STEPS[each.deed](at) };
    });
    const worlds = explain(family.worlds, requests);
    narrow(family, worlds, 'nothing explains what was seen', { requests: requests.map(({ name }) => name), moment });
    for (const each of seen) this.#learn(family, each);
  }

  /** What was handed out is remembered, and is nobody else's. */
  #learn(family: Family, seen: Seen): void {
    const tokens = tokensIn(seen);
    for (const kind of ['access', 'refresh'] as const) {
      const token = tokens[kind];
      if (token === undefined || family.given[kind].includes(token)) continue;
      const isKnown = this.#families.some(({ given }) => Object.values(given).flat().includes(token));
      assert.ok(!isKnown, 'what was handed out was handed out before');
      family.given[kind].push(token);
    }
  }

  /** What the store has of every authorization: no more and no less than there must be. */
  async #look(): Promise<void> {
    const moment = this.#moment();
    const lists = await Promise.all(this.#users.map((user) => this.#store.list(user, moment.now)));
    const records = lists.flat();
    for (const family of this.#families) {
      const stored = records.filter(({ authorizationID }) => authorizationID === family.id);
      const left = family.worlds.filter((world) => agrees(world, stored, moment));
      narrow(family, left, 'the store has what must not be', { stored, moment });
    }
    const known = new Set(this.#families.map(({ id }) => id));
    const unknown = records.filter(({ authorizationID }) => !known.has(authorizationID));
    assert.deepEqual(unknown, [], 'authorizations that nobody gave');
  }

  /** At the end every token is asked about, by its owner and by others; then its user ends it all, and it is asked again. */
  async #audit(family: Family): Promise<void> {
    const all = (['access', 'refresh'] as const).flatMap((kind) =>
      family.given[kind].map((_, back) => ({ kind, back })),
    );
    const ask = (deed: Act['deed'], by: Act['by'], { kind, back }: Pick<Act, 'kind' | 'back'>) =>
      this.#batch(family, { acts: [{ ...PLAIN, deed, by, kind, back }] });
    const newest = { kind: 'refresh', back: 0 } as const;
    const look = async (): Promise<void> => {
      for (const each of all) await ask('introspect', 'owner', each);
      await ask('verify', 'owner', { kind: 'access', back: 0 });
      for (const by of ['api', 'other'] as const) await ask('introspect', by, { kind: 'access', back: 0 });
      await ask('refresh', 'other', newest);
      await ask('list', 'owner', { kind: 'code', back: 0 });
    };
    await look();
    await ask('refresh', 'owner', newest);
    await ask('end', 'owner', { kind: 'code', back: 0 });
    await look();
    await ask('refresh', 'owner', newest);
    await ask('exchange', 'owner', { kind: 'code', back: 0 });
  }
}
