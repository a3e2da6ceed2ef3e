/** How an API refuses. @see RFC 6750 §3 */
import type { Context } from 'koa';
import type { ChallengeParams, Proof } from '../access-token.js';
import { describe } from '../errors/describe.js';
import { OAuth2Error } from '../errors/oauth2-error.js';
import { noStore } from '../http/headers.js';
import { answerJSON } from '../http/json.js';
import { add } from '../registry/add.js';
import { BEARER, isSameType } from '../syntax/token-type.js';

/** A scheme that an API accepts, with the proofs that belong to it. */
interface Scheme {
  readonly name: string;
  readonly proofs: readonly Proof[];
}

/** What all challenges of an API have in common. */
export interface ChallengeSettings {
  readonly schemes: readonly Scheme[];
  /** The parameters of the challenges of all schemes. */
  readonly params: ChallengeParams;
}

/** `Bearer`, and the other schemes of the proofs, each once. @see RFC 9110 §11.6.1 */
export function schemesOf(proofs: readonly Proof[]): readonly Scheme[] {
  const names: string[] = [];
  for (const name of [BEARER, ...proofs.map(({ scheme }) => scheme)]) {
    if (!names.some((known) => isSameType(known, name))) names.push(name);
  }
  return names.map((name) => ({ name, proofs: proofs.filter(({ scheme }) => isSameType(scheme, name)) }));
}

/** RFC 9110 §5.6.4: characters that would end the quotes are escaped, and those that no field value may have are replaced. */
function quoted(value: string): string {
  return `"${value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}

function format(scheme: string, params: ChallengeParams): string {
  const pairs = Object.entries(params).flatMap(([name, value]) => (value ? [`${name}=${quoted(value)}`] : []));
  return [scheme, pairs.join(', ')].filter(Boolean).join(' ');
}

/** RFC 6750 §3.1: the token is expired, revoked, malformed, or invalid for another reason. The client is not told which. */
export function invalidToken(): OAuth2Error {
  return new OAuth2Error('The access token is not valid here', 'invalid_token', undefined, 401);
}

/** The parameters of a challenge, with those of the proofs of its scheme. @throws Error if two proofs, or a proof and the API, set the same parameter */
function withProofs(ctx: Context, params: ChallengeParams, { name, proofs }: Scheme): ChallengeParams {
  return proofs.reduce(
    (all, proof) => add(all, proof.challenge?.(ctx), `The challenge of the proof for "${proof.member}" (${name})`),
    params,
  );
}

/** Why a request is refused. */
export interface Refusal {
  /** Absent if the request had no token, which is not an error. @see RFC 6750 §3.1 */
  readonly error?: OAuth2Error | undefined;
  /** The scheme that the request used: its challenge has the error. */
  readonly scheme: string;
  /** Parameters that go with the error, such as the scope that is needed. */
  readonly params?: ChallengeParams | undefined;
}

/** Answers with a challenge for every scheme that the API accepts, after challenges that other middleware have set. */
export function challenge(
  ctx: Context,
  { schemes, params }: ChallengeSettings,
  { error, scheme: used, params: more }: Refusal,
): void {
  const told = error ? describe(error) : {};
  const { resource_metadata, ...first } = params;
  noStore(ctx);
  ctx.status = error?.status ?? 401;
  ctx.set({ ...error?.headers });
  for (const scheme of schemes) {
    const reason = scheme.name === used ? { ...more, ...told } : {};
    // RFC 9728 §5.1: resource_metadata may stand with any scheme
    const all = { ...withProofs(ctx, first, scheme), ...reason, resource_metadata };
    ctx.append('WWW-Authenticate', format(scheme.name, all));
  }
  answerJSON(ctx, { ...error?.members, ...told });
}
