/** What a user needs to know of a client before they allow it something. */
import { redirectURIsOf } from '../../clients/registration.js';
import type { Transaction } from '../../types.js';
import { isURLOfClient } from './url.js';

/** What `clientFacts()` tells of a client, for the dialog to show: the hosts that stand behind it. */
export interface ClientFacts {
  /**
   * The host of the client's identifier, where that is the URL of its document: who controls the host has written name, logo and links of the client.
   * Undefined for a client that registered here.
   */
  readonly clientHost: string | undefined;
  /** The host that the answer is sent to, with its port; the scheme of an app (`com.example.app:`) where it is sent to one. */
  readonly redirectHost: string;
  /**
   * Whether all redirect URIs of the client are on the user's own machine. Any program there may pass for this client: its document cannot prevent that, so
   * the user has to be warned.
   */
  readonly isLocalOnly: boolean;
}

const LOCAL: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function isLocal(uri: string): boolean {
  const { protocol, hostname } = new URL(uri);
  return (protocol === 'http:' || protocol === 'https:') && LOCAL.has(hostname);
}

/**
 * What the dialog has to show of a client, beside what the client says of itself.
 *
 * @param registered the client's redirect URIs. Default: its `redirect_uris`
 * @example
 * const { clientHost, redirectHost, isLocalOnly } = clientFacts(ctx.state.oauth2);
 * ctx.body = views.dialog({ name: txn.client.name, clientHost, redirectHost, warnsOfLocal: isLocalOnly });
 * @see draft-ietf-oauth-client-id-metadata-document §8.5
 */
export function clientFacts<C, U>(
  { client, req, redirectURI }: Transaction<C, U>,
  registered: readonly string[] = redirectURIsOf(client) ?? [],
): ClientFacts {
  const { protocol, host } = new URL(redirectURI);
  return {
    clientHost: isURLOfClient(req.clientID) ? new URL(req.clientID).host : undefined,
    redirectHost: host || protocol,
    isLocalOnly: [redirectURI, ...registered].every((uri) => URL.canParse(uri) && isLocal(uri)),
  };
}
