/** Bounds the fetches of the documents of sectors: whoever can register a client, or publish the document of one, chooses their URLs. */
import type { Core } from '../../core.js';
import { FetchShare } from '../../http/fetch-share.js';
import type { Fetch } from '../../http/fetch-text.js';
import type { ClientMetadata } from '../../types.js';
import { unavailable, verifySector } from './sector.js';

const BOUNDS = { atOnce: 20, perHostAndMinute: 30 } as const;

/** Checks the sector of a registration. @throws OAuth2Error `invalid_client_metadata`; `temporarily_unavailable` (503) also if one more fetch would exceed a bound */
export type VerifySector = (metadata: ClientMetadata) => Promise<void>;

/** `verifySector`, within bounds of this server. */
export function boundedSectors<C, U>(core: Core<C, U>, fetch: Fetch | undefined): VerifySector {
  const share = new FetchShare(BOUNDS, (why, { href }, wait) => unavailable(href, why, wait));
  return async (metadata) => {
    const { sector_identifier_uri: uri } = metadata;
    if (typeof uri !== 'string' || !URL.canParse(uri)) return verifySector(metadata, fetch); // fetches nothing
    return share.during(new URL(uri), core.now(), () => verifySector(metadata, fetch));
  };
}
