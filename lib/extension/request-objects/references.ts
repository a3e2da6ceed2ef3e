/** The objects at the URLs of clients: fetched within bounds, and kept for a few seconds, or for longer if they cannot change. */
import { hash } from 'node:crypto';
import { isMadeByAnyone } from '../../clients/stranger.js';
import type { Core } from '../../core.js';
import type { AuthorizationError } from '../../errors/authorization-error.js';
import { type FetchBounds, FetchShare } from '../../http/fetch-share.js';
import { fetchForClients } from '../../keys/client-keys.js';
import { OldestFirst } from '../../oldest-first.js';
import { unavailable } from './invalid.js';
import type { RequestObjectsOptions } from './options.js';
import { fetchObject, requireRegistered } from './reference.js';

/** The most objects that are kept. */
const MAX_KEPT = 1000;
/** The most characters of all kept objects: an answer may have 64 KiB. */
const LARGEST = 4_000_000;

/** OpenID Connect Core §6.2: the fragment is the SHA-256 of the text, so that this URL never has another one. */
function isHashOf(text: string, uri: string): boolean {
  return new URL(uri).hash === `#${hash('sha256', text, 'base64url')}`;
}

/**
 * Seconds for which the answer of a URL is used for other visits, too: a stranger who visits the URL again and again causes one fetch in this time. This is safe,
 * since the object itself says how long it is valid: its signature, `exp` and `jti` are judged at each visit. A client that sends users to an object that changes
 * puts the hash into the URL (OpenID Connect Core §6.2). A failure is kept as well, or else a URL without an object would be fetched at each visit.
 */
const BRIEFLY = 5;

/** What came from a URL. Times are in epoch seconds. */
interface Answer {
  readonly given: string | AuthorizationError;
  readonly at: number;
  readonly until: number;
}

function textOf({ given }: Answer): string {
  if (typeof given === 'string') return given;
  throw given;
}

/** Fetches the objects of some clients. */
class References {
  readonly #share: FetchShare;
  readonly #fetch: (uri: string) => Promise<string>;
  readonly #underWay = new Map<string, Promise<Answer>>();
  readonly #kept = new OldestFirst<Answer>();

  constructor(bounds: FetchBounds, fetch: (uri: string) => Promise<string>) {
    this.#share = new FetchShare(bounds, unavailable);
    this.#fetch = fetch;
  }

  /** The text at a URL. Visits at the same time share one fetch. */
  async text(uri: string, now: number): Promise<string> {
    const kept = this.#kept.get(uri);
    if (kept && kept.at <= now && now < kept.until) return textOf(this.#keep(uri, kept));
    const underWay = this.#underWay.get(uri);
    if (underWay) return textOf(await underWay);
    const fetched = this.#fetched(uri, now).finally(() => this.#underWay.delete(uri));
    this.#underWay.set(uri, fetched);
    return textOf(await fetched);
  }

  async #fetched(uri: string, at: number): Promise<Answer> {
    const fetch = () => this.#fetch(uri).catch((fault: AuthorizationError) => fault);
    const given = await this.#share.during(new URL(uri), at, fetch);
    const cannotChange = typeof given === 'string' && isHashOf(given, uri);
    return this.#keep(uri, { given, at, until: cannotChange ? Number.POSITIVE_INFINITY : at + BRIEFLY });
  }

  /** Keeps an answer as the one that was used last. */
  #keep(uri: string, answer: Answer): Answer {
    this.#kept.set(uri, answer, uri.length + (typeof answer.given === 'string' ? answer.given.length : 0));
    this.#kept.deleteWhile(() => this.#kept.size > MAX_KEPT || this.#kept.total > LARGEST);
    return answer;
  }
}

/**
 * Anybody who visits the authorization endpoint causes a fetch. Clients that strangers can have made share one set of bounds, and other clients another: strangers
 * who register the URLs of a host cannot use up the bounds of the clients that the operator chose.
 *
 * @returns a function that gives the text at a URL that the client registered. It throws AuthorizationError `invalid_request_uri`, and OAuth2Error
 * `temporarily_unavailable` if one more fetch would exceed a bound
 * @see RFC 9101 §10.4.1
 */
export function referenced<C, U>(
  core: Core<C, U>,
  options: RequestObjectsOptions<C>,
): (uri: string, client: C) => Promise<string> {
  const { fetchTimeout = 5, atOnce = 20, perHostAndMinute = 600 } = options;
  const limits = { fetch: fetchForClients(options), timeout: fetchTimeout };
  const fetch = (uri: string) => fetchObject(uri, limits);
  const bounds = { atOnce, perHostAndMinute };
  const [chosen, anybodys] = [new References(bounds, fetch), new References(bounds, fetch)];
  return async (uri, client) => {
    requireRegistered(uri, client);
    return (isMadeByAnyone(core, client) ? anybodys : chosen).text(uri, core.now());
  };
}
