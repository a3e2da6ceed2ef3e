/** The exchange for clients that poll because their user decides on another device. @see RFC 8628 §3.4, §3.5, CIBA §10.1, §11 */
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

/** The error codes of polls, and their statuses. */
export const POLLING_ERRORS = { authorization_pending: 400, slow_down: 400, expired_token: 400 } as const;

/** The grant that a client polls for. */
export interface Polled {
  readonly grantType: string;
  /** The parameter with the code. */
  readonly parameter: string;
  /** The code, in the words of messages: `device code`. */
  readonly what: string;
  /** The least seconds between two polls. */
  readonly interval: number;
}

const invalid = (what: string, why: string) => reasoned(new TokenError(`Invalid ${what}`, 'invalid_grant'), why);

/** The pending authorizations of the token service. @throws Error if the server has no token service, or one without them */
export function pendingOf<C, U>({ tokens }: Core<C, U>, plug: string): PendingAuthorizations<C, U> {
  if (tokens?.pending) return tokens.pending;
  throw new Error(`${plug}() issues tokens: say createServer({ tokens: tokenService(...) })`);
}

/** The identifier of the code that was sent. @throws TokenError for a missing, malformed or expired code */
function readCode<C>({ params }: TokenRequest<C>, { parameter, what }: Polled, now: number): string {
  const code = params.get(parameter);
  if (code === undefined) throw new TokenError(`Missing required parameter: ${parameter}`, 'invalid_request');
  const end = endOfCode(code);
  if (!Number.isFinite(end)) throw invalid(what, `It has not the form of a ${what}`);
  if (end <= now) throw new TokenError(`The ${what} has expired`, 'expired_token'); // RFC 8628 §3.5, CIBA §11
  return idOfCode(code);
}

/** The request of a code. @throws TokenError if the code is unknown, or belongs to another client */
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

/** The authorization that the user has given. @throws TokenError if the user has denied the request, or it is over */
async function allowedBy<C, U>(
  pendings: PendingAuthorizations<C, U>,
  answer: Answer,
  what: string,
): Promise<PendingAuthorization<C>> {
  if (answer.pendingID === undefined) throw new TokenError('The user has denied it', 'access_denied');
  const pending = await pendings.find(answer.pendingID);
  if (!pending) throw invalid(what, 'Its tokens were fetched before, or what the user had allowed was revoked');
  return pending;
}

/** Makes the exchange for polls. @param judge throws a TokenError for a client that must not poll */
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
      const { answer } = await foundFor(requests, id, { clientID, what: polled.what }); // before the poll is stored: invented codes must not fill the store
      const pending = answer && (await allowedBy(pendingOf(core, requests.owner.plug), answer, polled.what));
      // a request that is over is answered so whatever the interval: slow_down would tell the client to go on
      if (!pending?.isFetched && (await requests.isTooEarly(id, clientID, polled.interval)))
        throw new TokenError('Too many polls', 'slow_down'); // RFC 8628 §3.5, CIBA §11
      if (!pending) throw new TokenError('The user has not decided yet', 'authorization_pending'); // RFC 8628 §3.5, CIBA §11
      const { authorization, issue } = pending;
      return { authorization, issue: (_check, respond) => issue(request, respond) };
    },
  };
}
