/** What extensions declare. Contradictions are found when an extension is plugged in, and not only at the first request that they affect. */
import { isDeepStrictEqual } from 'node:util';
import type { Proof } from '../access-token.js';
import type { Extension, KnownParameters } from '../core.js';
import { SPINE_RULES } from '../refusal/spine-rules.js';
import type { RefusalRule } from '../refusal-rule.js';
import { AUTHORIZATION, PROGRAMS } from '../syntax/parameters.js';
import { faultOfProof } from '../syntax/proof.js';

/** For each name: the extension that declared it, and the value. */
type Owners = Map<string, { readonly by: string; readonly value: unknown }>;

/** @throws Error if another extension declared the name with another value */
function claim(owners: Owners, name: string, value: unknown, by: string, what: string): void {
  const owner = owners.get(name);
  if (owner !== undefined && !isDeepStrictEqual(owner.value, value))
    throw new Error(`The extensions ${owner.by} and ${by} ${what} "${name}"`);
  owners.set(name, owner ?? { by, value });
}

/** The parameters that client authentication reads at every endpoint. @see RFC 6749 §2.3.1, RFC 7521 §4.2 */
const OF_CLIENTS: readonly string[] = ['client_secret', 'client_assertion', 'client_assertion_type'];

/** The members of the metadata that the server itself sets. RFC 8414 §2: clients send their codes and secrets to the URLs among them. */
const OF_SERVER: readonly string[] = [
  ...['authorization_endpoint', 'token_endpoint'],
  ...['response_types_supported', 'response_modes_supported', 'grant_types_supported'],
];

/** @throws Error for a member of the metadata that the server itself sets */
function requireOwnMetadata(said: object, by: string): void {
  const replaced = OF_SERVER.find((member) => Object.hasOwn(said, member));
  if (replaced !== undefined)
    throw new Error(`${by} would replace "${replaced}" of the metadata: only createServer() and metadata() set it`);
}

/** The members that extensions add, the statuses of their errors, and the parameters that they read. */
export class Declared implements KnownParameters {
  readonly statuses = new Map<string, number>();
  readonly #refusals: RefusalRule[] = [];
  readonly #adds: Owners = new Map();
  readonly #says: Owners = new Map();
  readonly #proofs: Owners = new Map();
  readonly #parameters = new Set([...AUTHORIZATION.keys(), ...PROGRAMS.keys(), ...OF_CLIENTS]);
  readonly #repeatable = new Set<string>();

  /**
   * Adds the declarations of an extension.
   *
   * @param said the members of the server's metadata that the extension gives
   * @throws Error if another extension adds one of the same members, gives one in the metadata, has another status for an error code, or proves possession of
   * the key of the same member of `cnf`; and if this one gives a member of the metadata that the server itself sets
   * @throws TypeError for a number that is not an HTTP status of an error, and for a proof that an API could not use
   */
  add<C, U>(
    {
      name,
      adds = [],
      errors = {},
      parameters = [],
      repeatable = [],
      refusals = [],
      proof,
      routes = {},
    }: Extension<C, U>,
    said: object,
  ): void {
    requireOwnMetadata(said, name);
    for (const member of adds) claim(this.#adds, member, Symbol(name), name, 'would both add');
    for (const member of Object.values(routes).flatMap(({ listedAs }) => listedAs ?? []))
      claim(this.#says, member, Symbol(name), name, 'say different things in the metadata of');
    for (const [member, value] of Object.entries(said))
      claim(this.#says, member, value, name, 'say different things in the metadata of');
    for (const [code, status] of Object.entries(errors)) this.#declare(code, status, name);
    if (proof) this.#addProof(proof, name);
    this.#refusals.push(...refusals);
    for (const parameter of [...parameters, ...repeatable]) this.#parameters.add(parameter);
    for (const parameter of repeatable) this.#repeatable.add(parameter);
  }

  get refusals(): readonly RefusalRule[] {
    return [...this.#refusals, ...SPINE_RULES];
  }

  has(parameter: string): boolean {
    return this.#parameters.has(parameter);
  }

  isRepeatable(parameter: string): boolean {
    return this.#repeatable.has(parameter);
  }

  /** A request is judged by one proof for each member of `cnf`: a second one would be an error at the first request with a bound token. */
  #addProof(proof: Proof, by: string): void {
    const fault = faultOfProof(proof);
    if (fault !== undefined) throw new TypeError(`${by}: ${fault}`);
    claim(this.#proofs, proof.member, Symbol(by), by, 'would both check the member of cnf');
  }

  #declare(code: string, status: number, by: string): void {
    if (!(Number.isInteger(status) && status >= 400 && status < 600))
      throw new TypeError(`${by}: ${status} is not the HTTP status of an error (${code})`);
    const earlier = this.statuses.get(code) ?? status;
    if (earlier !== status) throw new Error(`${by}: the error code ${code} has the status ${earlier} already`);
    this.statuses.set(code, status);
  }
}
