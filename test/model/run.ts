/** Carries out a run of commands in two processes over one store. */
import assert from 'node:assert/strict';
import type { TokenStore } from 'koauthorize/tokens';
import type { Place } from '../support/places.js';
import { API } from '../support/token-server.js';
import type { Act, Again, Command, Fault, Picks, Place as Which } from './commands.js';
import { Families } from './families.js';
import type { Family } from './family.js';
import { perform } from './perform.js';
import { CLIENTS, type Process, startProcess } from './process.js';
import { current, type Note, type Staged, stage } from './stage.js';
import { type Asked, refused } from './steps.js';
import { type Clock, START, Times } from './times.js';

type Authorize = Extract<Command, { readonly command: 'authorize' }>;
const PLAIN = { back: 0, by: 'owner', scope: 'same', verifier: 'right', place: 0, lost: false } as const;

/** How each kind of credential may be presented. */
const PRESENTED = [
  ['code', 'exchange'],
  ['refresh', 'refresh'],
  ['refresh', 'introspect'],
  ['refresh', 'revoke'],
  ['access', 'introspect'],
  ['access', 'verify'],
  ['access', 'revoke'],
] as const;

/** The answers to what is unknown. */
const UNKNOWN = {
  exchange: refused('invalid_grant', 'Invalid authorization code'),
  refresh: refused('invalid_grant', 'Invalid refresh token'),
  introspect: { status: 200, body: { active: false } },
  revoke: { status: 200, body: {} },
  verify: 'nothing',
} as const;

export interface RunOptions {
  readonly place: Place;
  readonly clock: Clock;
  readonly grace: number;
  /** Seconds by which the clock of each process is ahead of the store's. */
  readonly skews: readonly [number, number];
  readonly purgeDelay: number;
  /** Tells the users of this run from those of others in the same store. */
  readonly id: string;
}

interface Batch {
  readonly picks?: Picks;
  readonly fault?: Fault | undefined;
  readonly again?: Again | undefined;
}

/** A process as long as it lives. */
interface Running extends Staged {
  readonly process: Process;
  /** The store itself. */
  readonly opened: TokenStore;
  /** No two are the same. */
  readonly number: number;
}

/** One authorization server, from its first request to its last. */
export class Run {
  readonly #options: RunOptions;
  readonly #families = new Families();
  readonly #stage = stage();
  readonly #users: readonly string[];
  readonly #times: Times;
  readonly #processes: [Running, Running];
  #started = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    const { clock, place, skews, purgeDelay, grace } = options;
    this.#users = ['alice', 'bob'].map((name) => `${name}-${options.id}`);
    clock.now = START;
    this.#times = new Times({ clock, skews, purgeDelay, grace, hasClock: place.isShared });
    place.clear();
    this.#processes = [this.#start(0), this.#start(1)];
  }

  async carryOut(commands: readonly Command[]): Promise<void> {
    try {
      await this.begin();
      for (const command of commands) await this.step(command);
      await this.finish();
    } finally {
      await this.close();
    }
  }

  begin(): Promise<void> {
    return this.#authorize({ client: 0, user: 0, scope: 'read write', place: 0, connect: true });
  }

  async step(command: Command): Promise<void> {
    if (command.command === 'tick') this.tick(command.seconds);
    else if (command.command === 'authorize') await this.#authorize(command);
    else await this.#carryOut(command);
    await this.#look();
  }

  tick(seconds: number): void {
    this.#times.tick(seconds);
  }

  async finish(): Promise<void> {
    for (const family of this.#families.all) await this.#audit(family);
  }

  async close(): Promise<void> {
    for (const { opened } of this.#processes) await opened.close();
  }

  /** Presents all that another run was given: nothing is known of it here. */
  async presentAll(other: Run): Promise<void> {
    const [{ process, isDead }] = this.#processes;
    for (const family of other.#families.all) {
      for (const [kind, deed] of PRESENTED) {
        for (const token of family.given[kind]) {
          const asked = { ...PLAIN, kind, deed, family, token, clientID: family.clientID };
          const [seen] = await this.#stage.play([() => perform(process, asked, isDead)], [], undefined);
          assert.deepEqual(seen?.answer, UNKNOWN[deed], `${deed} of ${kind}`);
        }
      }
    }
  }

  #start(which: Which): Running {
    const { grace, place, purgeDelay } = this.#options;
    const opened = place.open({ purgeDelay });
    const staged = this.#stage.begin(opened);
    const process = startProcess({ store: staged.store, grace, now: () => this.#times.now(which) });
    return { ...staged, process, opened, number: this.#started++ };
  }

  async #authorize({ client, user, scope, connect, place }: Omit<Authorize, 'command'>): Promise<void> {
    const [app, subject] = [CLIENTS[client], this.#users[user]];
    assert.ok(app && subject !== undefined, 'the client and the user are there');
    const { process, number } = this.#processes[place];
    const note: Note = { events: [] };
    const ask = () => current.run(note, () => process.authorize(app, subject, scope));
    const [answer] = await this.#stage.play([ask], [], undefined);
    const { code } = answer ?? {};
    assert.ok(code, 'a code is given');
    const id = note.events[0]?.split(' ').at(-1) ?? '';
    assert.deepEqual(note.events, [`issued code ${scope} ${app.client_id} ${subject} ${id}`]);
    const whose = { id, clientID: app.client_id, subject, scope };
    const family = this.#families.bear(whose, code, this.#times.moment(place, number));
    if (connect) await this.#ask(family, { ...PLAIN, deed: 'exchange', kind: 'code', place });
  }

  #resolve(family: Family, act: Act): Asked[] {
    const tokens = family.given[act.kind];
    const token = tokens.at(-1 - act.back) ?? tokens[0];
    const other = CLIENTS.find(({ client_id }) => client_id !== family.clientID);
    const clients = { owner: family.clientID, other: other?.client_id ?? '', api: API.client_id };
    return token === undefined ? [] : [{ ...act, family, token, clientID: clients[act.by] }];
  }

  async #carryOut({ family: back, acts, ...batch }: Extract<Command, { readonly command: 'batch' }>): Promise<void> {
    const { all } = this.#families;
    const family = all.at(-1 - (back % all.length));
    if (family)
      await this.#batch(
        acts.flatMap((act) => this.#resolve(family, act)),
        batch,
      );
  }

  async #ask(family: Family, act: Act): Promise<void> {
    await this.#batch(this.#resolve(family, act), {});
  }

  async #batch(asked: readonly Asked[], { picks = [], fault, again }: Batch): Promise<void> {
    const performing = asked.map((each) => {
      const { process, isDead } = this.#processes[each.place];
      return () => perform(process, each, isDead);
    });
    const seen = await this.#stage.play(performing, picks, fault);
    const made = asked.map((each, i) => {
      const moment = this.#times.moment(each.place, this.#processes[each.place].number);
      return { asked: each, seen: seen[i] ?? { events: [] }, moment };
    });
    for (const which of [0, 1] as const) if (this.#processes[which].isDead()) await this.#restart(which);
    this.#families.judge(made);
    const unanswered = made.filter(({ seen }) => !('answer' in seen)).map((each) => each.asked);
    if (again && unanswered.length > 0) await this.#askAgain(unanswered, again);
  }

  async #restart(which: Which): Promise<void> {
    await this.#processes[which].opened.close();
    this.#processes[which] = this.#start(which);
  }

  /** The same requests once more, with the same tokens. */
  async #askAgain(unanswered: readonly Asked[], { seconds, elsewhere }: Again): Promise<void> {
    this.#times.tick(seconds);
    const moved = (place: Which): Which => (elsewhere ? (place === 0 ? 1 : 0) : place);
    const asked = unanswered.map((each) => ({ ...each, place: moved(each.place), lost: false }));
    await this.#batch(asked, {});
  }

  /** What the store has of every authorization. */
  async #look(): Promise<void> {
    const [{ opened, number }] = this.#processes;
    const moment = this.#times.moment(0, number);
    await this.#families.lookAtLists(opened, this.#users, moment);
    if (!this.#options.place.isShared) await this.#families.lookAtAll(opened, moment);
  }

  /** At the end every token is asked about, by its owner and by others; then its user ends it all, and it is asked again. */
  async #audit(family: Family): Promise<void> {
    const all = (['access', 'refresh'] as const).flatMap((kind) =>
      family.given[kind].map((_, back) => ({ kind, back })),
    );
    const ask = (deed: Act['deed'], by: Act['by'], { kind, back }: Pick<Act, 'kind' | 'back'>) =>
      this.#ask(family, { ...PLAIN, deed, by, kind, back });
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
