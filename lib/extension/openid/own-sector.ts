/**
 * Sectors of clients that wrote their own registration. Such a client must not join the sector of other clients: it would get the same `sub` for a user as they
 * do, and both could combine their data about the user.
 *
 * @see OpenID Connect Core §8.1, §17.3
 */
import { isByKeys } from '../../clients/judge-authentication.js';
import type { SelfRegistration } from '../../clients/judge-client.js';
import { textOf } from '../../clients/member.js';
import { grantTypesOf } from '../../clients/registration.js';
import type { Core } from '../../core.js';
import { invalid, needsNoRedirect } from './sector.js';
import { isPairwise, sectorFor } from './subject.js';

/** The sector of a client; undefined if its subject type is `public`. @throws OAuth2Error if it has none */
function ownSector<C, U>(core: Core<C, U>, client: C): string | undefined {
  if (!isPairwise(client)) return undefined;
  const found = sectorFor(core, client);
  if ('fault' in found) throw invalid(found.fault, 'No sector follows from the registration');
  return found.sector;
}

/**
 * §12.2: `sub` must be the same after a refresh. If a client could change its sector, tokens from before the change would give it the `sub` values of a sector
 * to which no browser was sent.
 */
function requireSame<C, U>(core: Core<C, U>, earlier: C, sector: string | undefined): void {
  const found = isPairwise(earlier) ? sectorFor(core, earlier) : { sector: undefined };
  if ('sector' in found && found.sector === sector) return;
  const values = { registered: 'sector' in found ? (found.sector ?? 'public') : found.fault, came: sector ?? 'public' };
  throw invalid(
    'subject_type and sector (the host of sector_identifier_uri, or of the redirect URIs) of a client cannot change: register another client',
    'The client would know its users by another sub, which may be that of other clients',
    values,
  );
}

/** A client ID metadata document can change at any time, also while there are refresh tokens. Only the host of its URL always belongs to the client. */
function requireOwnHost({ hostname }: URL, sector: string): void {
  if (sector === hostname) return;
  throw invalid(
    'subject_type pairwise needs redirect URIs, or a sector_identifier_uri, at the host of its client_id',
    'The document names a sector that is not its own',
    { sector, host: hostname },
  );
}

/**
 * CIBA §4: if a grant sends no browser to the redirect URI, the URI does not prove that the client belongs to the sector. Keys do, if the document of the
 * sector lists their `jwks_uri`, and the client must authenticate with them.
 */
function requireProof<C>(client: C): void {
  if (needsNoRedirect(grantTypesOf(client)) === false) return;
  const isListed = ['sector_identifier_uri', 'jwks_uri'].every((name) => textOf(client, name) !== undefined);
  if (isListed && isByKeys(textOf(client, 'token_endpoint_auth_method'))) return;
  throw invalid(
    'subject_type pairwise with a grant type that needs no redirect needs private_key_jwt or self_signed_tls_client_auth, and a jwks_uri that sector_identifier_uri lists',
    'Nothing proves that the client belongs to its sector',
    { grant_types: grantTypesOf(client) },
  );
}

/** @throws OAuth2Error `invalid_client_metadata` */
export function judgeSector<C, U>(core: Core<C, U>, client: C, { earlier, document }: SelfRegistration<C>): void {
  const sector = ownSector(core, client);
  if (earlier !== undefined) requireSame(core, earlier, sector);
  if (sector === undefined) return;
  if (document) requireOwnHost(document, sector);
  requireProof(client);
}
