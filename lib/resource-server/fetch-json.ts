/** JSON from an authorization server, within limits of time, size and depth. */
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
}

/** The names of these options. */
export const FETCH_OPTIONS: OptionNames<FetchOptions> = { fetch: true, timeout: true };

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
