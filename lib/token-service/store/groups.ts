import { ShardedMap } from './sharded-map.js';

/**
 * What belongs together under a key: the entries of an authorization, or the authorizations of a user. Adding and removing one takes the same time in a
 * group of any size. Most groups have one member, which stands for itself: a Set for each would be a quarter of the store's memory.
 *
 * @template T the members: no Set
 */
export class Groups<T> {
  readonly #groups: ShardedMap<Set<T> | T>;

  /** @param shardOf gives the shard of a group's key */
  constructor(shardOf: (key: string) => number) {
    this.#groups = new ShardedMap(shardOf);
  }

  /** Oldest first. A copy: the caller may remove each. */
  of(key: string): readonly T[] {
    const group = this.#groups.get(key);
    if (group === undefined) return [];
    return group instanceof Set ? [...group] : [group];
  }

  /**
   * Removes a group in one step. To remove its members one by one takes time that grows with the square of their number where `some` is asked in between: a
   * Set passes over the places of those that were removed.
   *
   * @returns its members, oldest first
   */
  take(key: string): readonly T[] {
    const members = this.of(key);
    this.#groups.delete(key);
    return members;
  }

  /** Whether one of the group's members is such a one. */
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
