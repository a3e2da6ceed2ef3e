/** An ephemeral store that does something else where a test says so. */
import { type EphemeralStore, ephemeralStore, memoryStore } from 'koauthorize/tokens';

/** A call of the store: `add`, `get` or `take`, and the kind of what is kept under its key: `request`, `answer`. */
export type Interception = (call: string, kind: string, proceed: () => Promise<unknown>) => Promise<unknown>;

export function interceptedStore() {
  const inner = ephemeralStore(memoryStore(), () => 1_767_225_600); // as the servers of the tests begin
  const made = { intercept: ((_call, _kind, proceed) => proceed()) as Interception };
  const kindOf = (key: string): string => (key.startsWith('[') ? String(JSON.parse(key)[2]) : '');
  const store: EphemeralStore = {
    add: async (key, value, expiresAt) =>
      (await made.intercept('add', kindOf(key), async () => inner.add(key, value, expiresAt))) as boolean,
    get: (key) => made.intercept('get', kindOf(key), async () => inner.get(key)),
    take: (key) => made.intercept('take', kindOf(key), async () => inner.take(key)),
  };
  return Object.assign(made, { store });
}
