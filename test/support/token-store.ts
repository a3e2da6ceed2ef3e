/** Stores that remember what they were given, and stores that break on purpose. */
import type { TokenStore } from 'koauthorize/tokens';
import { memoryStore } from '../../lib/token-service/store/memory.js';

export type Method = Exclude<
  keyof TokenStore,
  'close' | 'answersAtOnce' | 'isVolatile' | 'lacks' | 'listByClient' | 'listByAuthorization'
>;
export const METHODS: readonly Method[] = ['put', 'get', 'consume', 'remove', 'revoke', 'list'];

/** Every call, with its arguments, before it is made. */
export type Watch = (method: Method, args: readonly unknown[], call: () => Promise<unknown>) => Promise<unknown>;

/** A store whose every call goes by way of `watch`. */
export function watched(watch: Watch, inner: TokenStore = memoryStore()): TokenStore {
  const through =
    (method: Method) =>
    (...args: readonly unknown[]): Promise<unknown> =>
      watch(method, args, () => Reflect.apply(inner[method], inner, args));
  const methods = Object.fromEntries(METHODS.map((method) => [method, through(method)]));
  const listByClient = (clientID: string, now: number) => inner.listByClient(clientID, now);
  return { ...methods, listByClient, close: () => inner.close() } as unknown as TokenStore;
}

/** A store, and the text of all that it was ever given or asked. */
export function recordingStore() {
  const calls: { readonly method: Method; readonly args: readonly unknown[] }[] = [];
  const store = watched((method, args, call) => {
    calls.push({ method, args });
    return call();
  });
  return { store, calls };
}

/** How a call breaks: refused, thrown at once, never answered, refused when nobody waits any more, or done and its answer lost. */
export type Break = 'rejects' | 'throws' | 'hangs' | 'rejects late' | 'is lost';

/** A store of which calls break as long as `broken` says so. */
export function breakableStore(inner?: TokenStore) {
  const broken = new Map<Method, Break>();
  const cause = new Error('the disk is on fire, says db.internal');
  const store = watched((method, _args, call) => {
    const how = broken.get(method);
    if (how === 'throws') throw cause;
    if (how === 'rejects') return Promise.reject(cause);
    if (how === 'hangs') return new Promise(() => {});
    if (how === 'rejects late') return new Promise((_, reject) => setTimeout(reject, 60, cause));
    if (how === 'is lost') return call().then(() => Promise.reject(cause));
    return call();
  }, inner);
  return { store, broken, cause };
}
