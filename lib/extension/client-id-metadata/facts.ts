/** What a user needs to know of a client before they consent. */
import { redirectURIsOf } from '../../clients/registration.js';
import type { Transaction } from '../../types.js';
import { isURLOfClient } from './url.js';

/** The facts of a client that the dialog shows: the hosts that control it. */
export interface ClientFacts {
  /**
   * The host of the client's identifier, if that is the URL of its document. The owner of the host has written the name, the logo and the links of the
   * client. Undefined for a client that registered here.
   */
  readonly clientHost: string | undefined;
  /** The host that the response is sent to, with its port; or the scheme of an app (`com.example.app:`). */
  readonly redirectHost: string;
  /**
   * Whether all redirect URIs of the client are on the user's own machine. Warn the user then: any program on that machine can pretend to be this client, and
   * its document cannot prevent that.
   */
  readonly isLocalOnly: boolean;
}

const LOCAL: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function isLocal(uri: string): boolean {
  const { protocol, hostname } = new URL(uri);
  return (protocol === 'http:' || protocol === 'https:') && LOCAL.has(hostname);
}

/**
 * What the dialog has to show of a client, besides what the client claims about itself.
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
