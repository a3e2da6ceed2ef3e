/** The polls of a client whose user decides elsewhere. @see RFC 8628 §3.4, §3.5, CIBA §10.1, §11 */
import type { Core } from '../core.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Exchange, PendingAuthorization, PendingAuthorizations } from '../plugs.js';
import type { TokenRequest } from '../types.js';
import { endOfCode, idOfCode } from './code.js';
import type { Answer, FoundRequest, WaitingRequest, WaitingRequests } from './waiting.js';

declare module '../errors/codes.js' {
  interface TokenErrorCodes {
    authorization_pending: 400;
    slow_down: 400;
    expired_token: 400;
  }
}

/** The codes of a client that asks too early, and their statuses. */
export const POLLING_ERRORS = { authorization_pending: 400, slow_down: 400, expired_token: 400 } as const;

/** What is polled for. */
export interface Polled {
  readonly grantType: string;
  /** The parameter with the code. */
  readonly parameter: string;
  /** The code, in the words of messages: `device code`. */
  readonly what: string;
  /** Seconds between two polls. */
  readonly interval: number;
}

const invalid = (what: string, why: string) => reasoned(new TokenError(`Invalid ${what}`, 'invalid_grant'), why);

/** Where what users allow waits for their clients. @throws Error where there is no token service that has it */
export function pendingOf<C, U>({ tokens }: Core<C, U>, plug: string): PendingAuthorizations<C, U> {
  if (tokens?.pending) return tokens.pending;
  throw new Error(`${plug}() issues tokens: say createServer({ tokens: tokenService(...) })`);
}

/** What stands for the code that was sent. @throws TokenError for what is none, and for one that has expired */
function readCode<C>({ params }: TokenRequest<C>, { parameter, what }: Polled, now: number): string {
  const code = params.get(parameter);
  if (code === undefined) throw new TokenError(`Missing required parameter: ${parameter}`, 'invalid_request');
  const end = endOfCode(code);
  if (!Number.isFinite(end)) throw invalid(what, `It has not the form of a ${what}`);
  if (end <= now) throw new TokenError(`The ${what} has expired`, 'expired_token'); // RFC 8628 §3.5, CIBA §11
  return idOfCode(code);
}

/** What is known of a code. @throws TokenError where that is nothing, or where it is of another client */
async function foundFor<R extends WaitingRequest, C, U>(
  requests: WaitingRequests<R, C, U>,
  id: string,
  { clientID, what }: { readonly clientID: string; readonly what: string },
): Promise<FoundRequest<R>> {
  const found = await requests.find(id);
  const owner = found.answer?.clientID ?? found.waiting?.request.clientID;
  if (owner === clientID) return found;
  throw invalid(what, 'It is unknown, or of another client, for whom it stays good');
}

/** What the user has allowed. @throws TokenError while they have not, and where they have denied it */
async function allowedBy<C, U>(
  pendings: PendingAuthorizations<C, U>,
  answer: Answer | undefined,
  what: string,
): Promise<PendingAuthorization<C>> {
  if (!answer) throw new TokenError('The user has not decided yet', 'authorization_pending'); // RFC 8628 §3.5, CIBA §11
  if (answer.pendingID === undefined) throw new TokenError('The user has denied it', 'access_denied');
  const pending = await pendings.find(answer.pendingID);
  if (!pending) throw invalid(what, 'Its tokens were fetched before, or what the user had allowed was revoked');
  return pending;
}

/** @param judge refuses clients that must not poll. It throws a TokenError */
export function pollExchange<R extends WaitingRequest, C, U>(
  core: Core<C, U>,
  requests: WaitingRequests<R, C, U>,
  polled: Polled,
  judge?: (request: TokenRequest<C>) => void,
): Exchange<C> {
  return {
    name: polled.grantType,
    async redeem(request) {
      judge?.(request);
      const clientID = core.clientID(request.client) ?? '';
      const id = readCode(request, polled, core.now());
      const { answer } = await foundFor(requests, id, { clientID, what: polled.what }); // first: whoever makes codes up stores nothing
      if (await requests.isTooEarly(id, clientID, polled.interval)) throw new TokenError('Too many polls', 'slow_down'); // RFC 8628 §3.5, CIBA §11
      const { authorization, issue } = await allowedBy(pendingOf(core, requests.owner.plug), answer, polled.what);
      return { authorization, issue: (_check, respond) => issue(request, respond) };
    },
  };
}
