import { ShardedMap } from './sharded-map.js';

/**
 * Groups of members, each under a key: the entries of an authorization, or the authorizations of a user. Adding and removing a member takes constant time.
 * Most groups have one member, which is stored without a Set: a Set for each would take a quarter of the store's memory.
 *
 * @template T the type of the members, which must not be a Set
 */
export class Groups<T> {
  readonly #groups: ShardedMap<Set<T> | T>;

  /** @param shardOf gives the shard of a group's key */
  constructor(shardOf: (key: string) => number) {
    this.#groups = new ShardedMap(shardOf);
  }

  /** The members of a group, oldest first. A copy: the caller may remove members meanwhile. */
  of(key: string): readonly T[] {
    const group = this.#groups.get(key);
    if (group === undefined) return [];
    return group instanceof Set ? [...group] : [group];
  }

  /**
   * Removes a group in one step. Removing its members one by one would take quadratic time if `some` is called in between: a Set skips the slots of all removed
   * members.
   *
   * @returns its members, oldest first
   */
  take(key: string): readonly T[] {
    const members = this.of(key);
    this.#groups.delete(key);
    return members;
  }

  /** Whether `isSuch` is true for a member of the group. */
  some(key: string, isSuch: (member: T) => boolean): boolean {
    const group = this.#groups.get(key);
    if (group === undefined) return false;
    if (!(group instanceof Set)) return isSuch(group);
    for (const member of group) if (isSuch(member)) return true;
    return false;
  }

  add(key: string, member: T): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, member);
    else if (group instanceof Set) group.add(member);
    else if (group !== member) this.#groups.set(key, new Set([group, member]));
  }

  remove(key: string, member: T): void {
    const group = this.#groups.get(key);
    if (group instanceof Set) group.delete(member);
    if (group === member || (group instanceof Set && group.size === 0)) this.#groups.delete(key);
  }
}
