/** The `sub` that clients see. @see OpenID Connect Core §8 */
import { createHmac } from 'node:crypto';
import { textOf } from '../../clients/member.js';
import type { Core } from '../../core.js';
import { andThen } from '../../promise.js';
import type { Awaitable } from '../../types.js';
import type { OpenIDOptions } from './options.js';
import { sectorOf } from './sector.js';

/** The default of `subject_type`. */
const PUBLIC = 'public';
const PAIRWISE = 'pairwise';

/** In characters, of printable ASCII: §2 has at most 255. */
const SUB = /^[\x20-\x7e]{1,255}$/;

export function subjectTypesOf<C, U>({ pairwise }: OpenIDOptions<C, U>): readonly string[] {
  return pairwise === undefined ? [PUBLIC] : [PUBLIC, PAIRWISE];
}

function typeOf<C>(client: C): string {
  return textOf(client, 'subject_type') ?? PUBLIC;
}

export function isPairwise<C>(client: C): boolean {
  return typeOf(client) === PAIRWISE;
}

export function sectorFor<C, U>(core: Core<C, U>, client: C) {
  return sectorOf({ uri: textOf(client, 'sector_identifier_uri'), redirectURIs: core.redirectURIs(client) });
}

/** Why no `sub` can be made for a client; undefined if one can be made. */
export function subjectFault<C, U>(core: Core<C, U>, options: OpenIDOptions<C, U>, client: C): string | undefined {
  const type = typeOf(client);
  if (type === PUBLIC) return undefined;
  if (!subjectTypesOf(options).includes(type))
    return `The client registered subject_type ${type}: openid({ pairwise }) says how the sub of such clients is made`;
  const sector = sectorFor(core, client);
  return 'fault' in sector ? sector.fault : undefined;
}

/** §8.1: without the secret, nobody can compute the value, or find the subject from it. It differs for each sector. */
function keyedHash(secret: string, sector: string, subject: string): string {
  return createHmac('sha256', secret)
    .update(JSON.stringify([sector, subject]))
    .digest('base64url');
}

function made<C, U>(
  core: Core<C, U>,
  { pairwise, subjectFor }: OpenIDOptions<C, U>,
  subject: string,
  client: C,
): unknown {
  if (!isPairwise(client)) return subjectFor ? subjectFor(subject, client) : subject;
  const found = sectorFor(core, client);
  if (!('sector' in found)) return undefined;
  const { sector } = found;
  return typeof pairwise === 'string' ? keyedHash(pairwise, sector, subject) : pairwise?.(subject, sector, client);
}

/**
 * The `sub` of a user at a client, made from the internal subject: the same in ID tokens, at UserInfo, and everywhere else that the client can read it.
 *
 * @throws Error if none can be made. The subject itself must not take its place, since other clients know it
 * @see OpenID Connect Core §8
 */
export function outwardSubject<C, U>(
  core: Core<C, U>,
  options: OpenIDOptions<C, U>,
  subject: string,
  client: C,
): Awaitable<string> {
  const fault = subjectFault(core, options, client);
  if (fault !== undefined) throw new Error(fault);
  return andThen(made(core, options, subject, client), requireSub);
}

function requireSub(sub: unknown): string {
  if (typeof sub === 'string' && SUB.test(sub)) return sub;
  throw new Error(`A sub has 1 to 255 characters of ASCII (OpenID Connect Core §2), and not ${JSON.stringify(sub)}`);
}
