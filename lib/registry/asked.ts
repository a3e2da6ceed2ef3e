/** Questions that every extension is asked, and at most one answers; and one that several may answer. */
import type { Extension } from '../core.js';
import type { AccessTokenTerms, ClientTerms } from '../plugs.js';
import { isPromise } from '../promise.js';
import type { ClientLookup } from '../steps.js';
import type { Awaitable } from '../types.js';
import { requireNoPromise } from './shape.js';

/** @throws Error where two extensions answer */
export function accessTokenTermsOf<C, U>(
  extensions: readonly Extension<C, U>[],
  audience: readonly string[],
): AccessTokenTerms | undefined {
  const [first, second] = extensions.flatMap(({ name, accessTokenTerms }) => {
    const terms = accessTokenTerms?.(audience);
    return terms ? { name, terms } : [];
  });
  if (second) throw new Error(`${first?.name} and ${second.name} both say how tokens for ${audience.join(' ')} look`);
  return first?.terms;
}

type Confirm = ClientTerms['confirm'];

/** One after the other. */
export function both(one: Confirm, other: Confirm): Confirm {
  if (!one || !other) return one ?? other;
  return async () => {
    await one();
    await other();
  };
}

/** What all extensions say of a client: of two lifetimes the shorter one. */
export function clientTermsOf<C, U>(extensions: readonly Extension<C, U>[], client: C): ClientTerms {
  let keepsRefreshTokens = false;
  let codeLifetime = Number.POSITIVE_INFINITY;
  let confirm: Confirm;
  for (const extension of extensions) {
    if (!extension.clientTerms) continue;
    const terms = extension.clientTerms(client);
    requireNoPromise(`clientTerms of ${extension.name}`, terms);
    keepsRefreshTokens ||= terms?.keepsRefreshTokens === true;
    codeLifetime = Math.min(codeLifetime, terms?.codeLifetime ?? codeLifetime);
    confirm = both(confirm, terms?.confirm);
  }
  return { keepsRefreshTokens, codeLifetime, confirm };
}

/** What a client knows a user by: the subject itself where no extension answers. @throws Error where two extensions answer */
export async function outwardSubjectOf<C, U>(
  extensions: readonly Extension<C, U>[],
  subject: string,
  client: C,
): Promise<string> {
  let found: { readonly name: string; readonly sub: string } | undefined;
  for (const { name, outwardSubject } of extensions) {
    const told = outwardSubject?.(subject, client);
    const sub = isPromise(told) ? await told : told;
    if (sub === undefined) continue;
    if (found) throw new Error(`${found.name} and ${name} both say what a client knows a user by`);
    found = { name, sub };
  }
  return found?.sub ?? subject;
}

/**
 * The client of an identifier: what the application finds, or else what the first extension finds. An identifier that an extension owns is not looked for in
 * the application: otherwise a client that was registered there could pass for the one that has the identifier elsewhere.
 */
export async function clientOf<C, U>(
  extensions: readonly Extension<C, U>[],
  find: ((clientID: string) => Awaitable<C | null | undefined | false>) | undefined,
  clientID: string,
  lookup: ClientLookup,
): Promise<C | undefined> {
  const owner = extensions.find((extension) => extension.ownsClientID?.(clientID));
  if (owner) return (await owner.client?.(clientID, lookup)) || undefined;
  const found = (await find?.(clientID)) || undefined;
  if (found) return found;
  for (const extension of extensions) {
    const client = await extension.client?.(clientID, lookup);
    if (client) return client;
  }
  return undefined;
}

/**
 * The client that a dialog has kept.
 *
 * @param find the client of an identifier, where anything finds clients
 * @throws Error where nothing reads what was kept
 */
export async function deserializedBy<C>(
  deserializers: readonly ((serialized: unknown) => Awaitable<C | null | undefined | false>)[],
  find: ((clientID: string) => Promise<C | undefined>) | undefined,
  serialized: unknown,
): Promise<C | undefined> {
  for (const deserialize of deserializers) {
    const client = await deserialize(serialized);
    if (client) return client;
    if (client === null || client === false) return undefined;
  }
  if (find && typeof serialized === 'string') return find(serialized);
  throw new Error('Failed to deserialize client. Register deserialization function using deserializeClient().');
}
