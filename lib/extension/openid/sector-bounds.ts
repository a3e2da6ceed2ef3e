/** Bounds the fetches of the documents of sectors: whoever can register a client, or publish the document of one, chooses their URLs. */
import type { Core } from '../../core.js';
import { FetchShare } from '../../http/fetch-share.js';
import type { Fetch } from '../../http/fetch-text.js';
import type { ClientMetadata } from '../../types.js';
import { fetchURIs, unavailable, verifySectorBy } from './sector.js';

const BOUNDS = { atOnce: 20, perHostAndMinute: 30 } as const;

/**
 * Checks the sector of a registration.
 *
 * @param byStranger whether anybody could have sent it
 * @throws OAuth2Error `invalid_client_metadata`; `temporarily_unavailable` (503) also if one more fetch would exceed a bound
 */
export type VerifySector = (metadata: ClientMetadata, byStranger: boolean) => Promise<void>;

/**
 * `verifySector`, within bounds of this server. What is refused without a fetch does not count. Registrations of strangers have a share of their own, so that
 * they cannot use up the fetches of clients that the operator admits.
 */
export function boundedSectors<C, U>(core: Core<C, U>, fetch: Fetch | undefined): VerifySector {
  const share = () => new FetchShare(BOUNDS, (why, { href }, wait) => unavailable(href, why, wait));
  const [admitted, strangers] = [share(), share()];
  return (metadata, byStranger) =>
    verifySectorBy(metadata, (uri) =>
      (byStranger ? strangers : admitted).during(new URL(uri), core.now(), () => fetchURIs(uri, fetch)),
    );
}
