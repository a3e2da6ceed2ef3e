import { type Finding, type Relaxation, type Relaxations, relaxationsOf } from '../findings.js';
import { requireOneIssuer } from './one-issuer.js';
import type { TokenServiceOptions } from './options.js';
import type { Settings } from './settings.js';

/** In seconds. Two tabs that refresh at the same time, or a client that repeats a request, need less. */
const USUAL_GRACE = 60;

/** In seconds. RFC 6749 §4.1.2: a maximum of 10 minutes is RECOMMENDED. */
const USUAL_CODE = 600;

/** The relaxations among the options of `tokenService`. */
const RELAXATIONS: Relaxations<TokenServiceOptions<never, never>> = {
  grace: {
    why: 'During these seconds, a thief who sends a spent refresh token gets the same tokens as the client, and is not detected',
    section: 'RFC 9700 §4.14.2',
    remedy: 'Set grace to the few seconds in which a client sends a request again',
  },
  rotate: {
    why: 'The use of a stolen refresh token is not detected: the attacker and the client can both use it',
    section: 'RFC 9700 §2.2.2',
    remedy:
      'Leave rotate out, except for clients that authenticate and keep their token in a file, or that FAPI 2.0 applies to',
  },
  tolerateRepeatedCode: {
    why: 'During these seconds, the theft of a code together with its verifier is not detected',
    section: 'RFC 6749 §4.1.2',
    remedy: 'Leave tolerateRepeatedCode out once no client sends a code twice',
  },
};

const LONG_CODE: Relaxation = {
  why: 'A code that leaks in a log or a browser history can be used during the whole lifetime',
  section: 'RFC 6749 §4.1.2',
  remedy: 'Set lifetimes.code to a minute or two: a client exchanges its code at once',
};

/** Reports `grace` and the lifetime of codes only above the usual maximum. A function in `lifetimes` is not judged: its result depends on the client. */
function relaxationsOfService<C, U>(options: TokenServiceOptions<C, U>): readonly Finding[] {
  const { grace = 0, lifetimes } = options;
  const { code = 0 } = typeof lifetimes === 'object' ? lifetimes : {};
  const found = `tokenService({ lifetimes: { code: ${code} } })`;
  return [
    ...relaxationsOf<object>('tokenService', { ...options, grace: grace > USUAL_GRACE && grace }, RELAXATIONS),
    ...(code > USUAL_CODE ? [{ rule: 'code', severity: 'relaxation' as const, found, ...LONG_CODE }] : []),
  ];
}

/** What the options give up. @throws Error if no access token could be made, or the store has the tokens of another issuer */
export function findingsOfService<C, U>(
  options: TokenServiceOptions<C, U>,
  { formats, issuer }: Settings<C, U>,
): readonly Finding[] {
  formats.ready();
  requireOneIssuer(options.store, issuer.issuer); // again: an extension may have named the issuer after createServer
  return relaxationsOfService(options);
}
