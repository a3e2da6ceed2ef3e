/** JSON from an authorization server, within limits of time, size and depth. */
import type { Relaxations } from '../findings.js';
import { parseJSON } from '../http/depth.js';
import { type Fetch, fetchText, requireTimeout } from '../http/fetch-text.js';
import type { OptionNames } from '../options.js';
import { VerifierUnavailableError } from './unavailable.js';

/** How requests to another server are sent. */
export interface FetchOptions {
  /** Sends the requests. Default: the platform's `fetch`. */
  readonly fetch?: Fetch;
  /** Seconds within which the whole response must have arrived. Default 5. */
  readonly timeout?: number;
  /**
   * Also accepts http URLs of the authorization server on another host than a loopback one, such as `http://as:3000` between containers of a developer. This
   * gives up TLS: everybody on the network can make this API accept any token. Default `false`.
   */
  readonly allowPlainHTTP?: boolean;
}

/** The names of these options. */
export const FETCH_OPTIONS: OptionNames<FetchOptions> = { fetch: true, timeout: true, allowPlainHTTP: true };

/** The relaxations among these options. */
export const FETCH_OPTION_RELAXATIONS: Relaxations<FetchOptions> = {
  allowPlainHTTP: {
    why: 'Everybody on the network can replace keys and answers, and so make this API accept any token',
    section: 'RFC 7662 §4, RFC 8414 §6.1',
    remedy: 'Leave it out, and reach the authorization server by https',
  },
};

interface TextAnswer {
  readonly status: number;
  /** Empty if the status is not 200. */
  readonly text: string;
}

export interface Answer {
  readonly status: number;
  /** The JSON object in the response; undefined if there is none, or if it is nested too deep. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** The JSON object of a text; undefined if there is none, or if it is nested too deep. */
export function parseObject(text: string): Answer['body'] {
  try {
    const value = parseJSON(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes a `fetch` for text.
 *
 * @throws TypeError for a `timeout` that is not a number of seconds
 */
export function textFetcher({ fetch = globalThis.fetch, timeout = 5 }: FetchOptions) {
  requireTimeout('timeout', timeout);
  /** @throws VerifierUnavailableError when no whole answer arrives */
  return async (url: string, request: RequestInit): Promise<TextAnswer> => {
    try {
      return await fetchText(url, request, { fetch, timeout });
    } catch (cause) {
      throw new VerifierUnavailableError(`${url} cannot be asked`, { cause });
    }
  };
}

/** The same for JSON. @throws TypeError for a `timeout` that is not a number of seconds */
export function jsonFetcher(options: FetchOptions) {
  const ask = textFetcher(options);
  /** @throws VerifierUnavailableError when no whole answer arrives */
  return async (url: string, request: RequestInit): Promise<Answer> => {
    const { status, text } = await ask(url, request);
    return { status, body: parseObject(text) };
  };
}
