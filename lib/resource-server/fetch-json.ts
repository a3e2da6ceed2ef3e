/** Asks an authorization server. */
import { parseJSON } from '../http/depth.js';
import { type Fetch, fetchText, requireTimeout } from '../http/fetch-text.js';
import { VerifierUnavailableError } from './unavailable.js';

export interface FetchOptions {
  /** Default: the platform's. */
  readonly fetch?: Fetch;
  /** Seconds in which a whole answer must have come. Default 5. */
  readonly timeout?: number;
}

export interface Answer {
  readonly status: number;
  /** The JSON object of a 200; absent when it is none, or is nested too deep to be walked. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

function parseObject(text: string): Answer['body'] {
  try {
    const value = parseJSON(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A function that asks within limits.
 *
 * @throws TypeError for a `timeout` that is no time
 */
export function jsonFetcher({ fetch = globalThis.fetch, timeout = 5 }: FetchOptions) {
  requireTimeout('timeout', timeout);
  /** @throws VerifierUnavailableError when there is no whole answer */
  return async (url: string, request: RequestInit): Promise<Answer> => {
    try {
      const { status, text } = await fetchText(url, request, { fetch, timeout });
      return { status, body: parseObject(text) };
    } catch (cause) {
      throw new VerifierUnavailableError(`${url} cannot be asked`, { cause });
    }
  };
}
