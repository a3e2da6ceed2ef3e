/** The paths at which clients look for the metadata document. */
import { requireKnown } from '../../options.js';
import { metadataPathsOf, requireIssuer } from '../../syntax/issuer.js';

/** Options of `metadataPaths()`. */
export interface MetadataPathsOptions {
  /**
   * Adds `/.well-known/openid-configuration`, before the issuer's path and after it, for clients that know no other place (RFC 8414 §5). The document there is
   * the one of RFC 8414, which announces no ID tokens: such clients must not expect one.
   */
  readonly alsoOpenIDConfiguration?: boolean;
}

/**
 * The paths at which clients look for the metadata of an issuer, for a router that is not mounted below another path.
 *
 * @throws TypeError for an invalid issuer
 * @example router.all(metadataPaths('https://as.example/tenant'), server.endpoint(metadata()))
 * @see RFC 8414 §3.1, §5
 */
export function metadataPaths(issuer: string, options: MetadataPathsOptions = {}): string[] {
  requireKnown<MetadataPathsOptions>(options, { alsoOpenIDConfiguration: true }, 'metadataPaths');
  requireIssuer(issuer, { allowPlainHTTP: true }); // the paths are the same; createServer() judges the scheme
  const { oauth, openIDConfiguration, openIDAppended } = metadataPathsOf(issuer);
  return options.alsoOpenIDConfiguration === true
    ? [...new Set([oauth, openIDConfiguration, openIDAppended])]
    : [oauth];
}
