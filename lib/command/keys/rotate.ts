/** The steps of a rotation. After each step, the published key set has the keys of all valid tokens. */
import { ALGORITHMS } from '../../keys/loaded-key.js';
import { publicPart } from '../../keys/public-jwk.js';
import { oneOf } from '../parse.js';
import type { FileKey, KeyFile } from './file.js';
import { newKey } from './make.js';

/** Seconds for which a key is published before it signs: HTTP caches keep the key set for 5 minutes, and jwtVerifier() for 10. */
export const PUBLISHED_FIRST = 900;

export interface StepOptions {
  /** Epoch seconds. */
  readonly now: number;
  /** The most seconds for which a token is valid. */
  readonly longestToken: number;
}

export type Step =
  | { readonly keys: KeyFile; readonly told: string }
  /** It is too early for the next step: it is possible from `waitUntil` on, in epoch seconds. */
  | { readonly waitUntil: number; readonly why: string };

const willSign = ({ d }: FileKey): boolean => d !== undefined;

const retired = (key: FileKey, exp: number): FileKey => {
  const { kid, alg, iat } = key;
  return { ...publicPart(key), kid, alg, ...(iat !== undefined && { iat }), exp };
};

/** The step after which the new keys sign, and the old ones are only published. */
function switchTo(next: readonly FileKey[], { signing, published }: KeyFile, { now, longestToken }: StepOptions): Step {
  const known = Math.max(...next.map(({ iat = 0 }) => iat)) + PUBLISHED_FIRST;
  if (known > now) return { waitUntil: known, why: 'copies of the key set without the new keys may be in use' };
  const old = signing.map((key) => retired(key, now + longestToken));
  const rest = published.filter((key) => !willSign(key));
  return {
    keys: { signing: next, published: [...rest, ...old] },
    told: `The new keys sign from the next deployment on: ${next.map(({ kid }) => kid).join(', ')}`,
  };
}

/** The step that removes the old keys, and publishes the next ones. */
async function publishNext({ signing, published }: KeyFile, { now }: StepOptions): Promise<Step> {
  const last = Math.max(0, ...published.map(({ exp = 0 }) => exp));
  if (last > now) return { waitUntil: last, why: 'tokens that the old keys signed are valid' };
  const next = await Promise.all(signing.map(({ alg }) => newKey(oneOf(ALGORITHMS, alg, 'The alg of a key'), now)));
  return {
    keys: { signing, published: next },
    told: `Deploy the file, so that the new keys are published, and rotate again in ${PUBLISHED_FIRST / 60} minutes: ${next.map(({ kid }) => kid).join(', ')}`,
  };
}

/** @see OpenID Connect Core §10.1.1 (rotation of signing keys) */
export function nextStep(keys: KeyFile, options: StepOptions): Promise<Step> | Step {
  const next = keys.published.filter(willSign);
  return next.length > 0 ? switchTo(next, keys, options) : publishNext(keys, options);
}
