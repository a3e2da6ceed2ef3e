/** RFC 8414: finds the URL of an authorization server's keys. */
import { Reason } from '../errors/reason.js';
import { metadataPathsOf } from '../syntax/issuer.js';
import { isSecureURL, type Network } from '../syntax/url.js';
import { type FetchOptions, jsonFetcher } from './fetch-json.js';
import { VerifierUnavailableError } from './unavailable.js';

export interface DiscoveryOptions extends FetchOptions {
  /** The authorization server's issuer identifier. */
  readonly issuer: string;
  /** The time in epoch seconds. */
  now(): number;
}

/** Seconds after which the metadata is fetched again. */
const MAX_AGE = 3600;
/** Seconds after a failure in which nothing is fetched: anyone can send tokens, and each token would otherwise cause a request. */
const BACK_OFF = 5;

function metadataURLs(issuer: string): readonly string[] {
  const { oauth, openIDConfiguration } = metadataPathsOf(issuer);
  return [oauth, openIDConfiguration].map((path) => `${new URL(issuer).origin}${path}`);
}

async function discover(issuer: string, fetchJSON: ReturnType<typeof jsonFetcher>, network: Network): Promise<string> {
  for (const url of metadataURLs(issuer)) {
    const { body } = await fetchJSON(url, { headers: { Accept: 'application/json' } });
    if (!body) continue;
    const { issuer: named, jwks_uri } = body;
    // RFC 8414 §3.3: otherwise another server's metadata could name the keys of this issuer
    if (named !== issuer) {
      const { message } = new Reason(`${url} is the metadata of another issuer`, { came: named, wanted: issuer });
      throw new VerifierUnavailableError(message);
    }
    if (typeof jwks_uri === 'string' && isSecureURL(jwks_uri, network)) return jwks_uri;
    throw new VerifierUnavailableError(`${url} has no jwks_uri that can be used`);
  }
  throw new VerifierUnavailableError(`${issuer} has no metadata at the URLs of RFC 8414 and OpenID Connect Discovery`);
}

/**
 * Reads the `jwks_uri` from an issuer's metadata, and again after an hour. If that fails, the earlier one is used for another hour.
 *
 * @returns a function that throws VerifierUnavailableError while it has none
 * @see RFC 8414 §3
 */
export function jwksURIOf({ issuer, now, ...options }: DiscoveryOptions): () => Promise<string> {
  const fetchJSON = jsonFetcher(options);
  let current: { readonly uri: string; readonly at: number } | undefined;
  let failure: { readonly error: unknown; readonly until: number } | undefined;
  let pending: Promise<void> | undefined;
  const load = async (): Promise<void> => {
    try {
      current = { uri: await discover(issuer, fetchJSON, options), at: now() };
    } catch (error) {
      if (current) current = { ...current, at: now() };
      else failure = { error, until: now() + BACK_OFF };
    } finally {
      pending = undefined;
    }
  };
  return async () => {
    const wait = (failure?.until ?? 0) - now();
    if (!current && failure && wait > 0 && wait <= BACK_OFF) throw failure.error;
    const age = now() - (current?.at ?? Number.NaN);
    if (!(age >= 0 && age < MAX_AGE)) {
      pending ??= load();
      await pending;
    }
    if (!current) throw failure?.error;
    return current.uri;
  };
}
