/** Combines what all extensions give where at most one of them may give something; and the terms of clients, which several may give. */
import type { Extension } from '../core.js';
import type { AccessTokenTerms, ClientTerms } from '../plugs.js';
import { isPromise, requireNoPromise } from '../promise.js';
import type { ClientLookup } from '../steps.js';
import type { Awaitable } from '../types.js';

/** The terms of the access tokens for these APIs. @throws Error if two extensions set terms */
export function accessTokenTermsOf<C, U>(
  extensions: readonly Extension<C, U>[],
  audience: readonly string[],
): AccessTokenTerms | undefined {
  const [first, second] = extensions.flatMap(({ name, accessTokenTerms }) => {
    const terms = accessTokenTerms?.(audience);
    return terms ? { name, terms } : [];
  });
  if (second) throw new Error(`${first?.name} and ${second.name} both set terms for tokens for ${audience.join(' ')}`);
  return first?.terms;
}

type Confirm = ClientTerms['confirm'];

/** A function that calls both functions, one after the other. */
export function both(one: Confirm, other: Confirm): Confirm {
  if (!one || !other) return one ?? other;
  return async () => {
    await one();
    await other();
  };
}

/** The terms of all extensions for a client. Of several lifetimes, the shortest one counts. */
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

/** The subject identifier that a client is given for a user: the subject itself, unless an extension gives another. @throws Error if two extensions do */
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
    if (found) throw new Error(`${found.name} and ${name} both give a client an identifier for a user`);
    found = { name, sub };
  }
  return found?.sub ?? subject;
}

/**
 * The client of an identifier: the one that the application finds, or else the first one that an extension finds. If an extension owns the identifier, the
 * application is not asked: otherwise a client that registered this identifier in the application could impersonate the extension's client.
 */
export async function clientFoundBy<C, U>(
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
 * The client of a waiting dialog.
 *
 * @param find finds a client by its identifier; undefined if nothing finds clients
 * @throws Error if no deserializer reads the stored value
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
