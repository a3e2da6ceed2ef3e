/** What extensions declare of themselves, compared when they are plugged in and not at the first request that needs it. */
import type { Extension } from '../plugs.js';

type Owners = Map<string, string>;

/** @throws Error when somebody else has one of the members */
function claim(owners: Owners, members: readonly string[], by: string, what: string): void {
  for (const member of members) {
    const owner = owners.get(member);
    if (owner !== undefined) throw new Error(`The extensions ${owner} and ${by} ${what} "${member}"`);
    owners.set(member, by);
  }
}

/** The members that extensions add, and the statuses of their errors. */
export class Declared {
  readonly statuses = new Map<string, number>();
  readonly #adds: Owners = new Map();
  readonly #says: Owners = new Map();

  /**
   * @param said what the extension says in the metadata
   * @throws Error when another extension adds or says one of the same members, or has another status for an error code
   * @throws TypeError for what is no status of an error
   */
  add<C, U>({ name, adds = [], errors = {} }: Extension<C, U>, said: object): void {
    claim(this.#adds, adds, name, 'would both add');
    claim(this.#says, Object.keys(said), name, 'both say in the metadata');
    for (const [code, status] of Object.entries(errors)) this.#declare(code, status, name);
  }

  #declare(code: string, status: number, by: string): void {
    if (!(Number.isInteger(status) && status >= 400 && status < 600))
      throw new TypeError(`${by}: ${status} is no HTTP status of an error (${code})`);
    const earlier = this.statuses.get(code) ?? status;
    if (earlier !== status) throw new Error(`${by}: the error code ${code} has the status ${earlier} already`);
    this.statuses.set(code, status);
  }
}
