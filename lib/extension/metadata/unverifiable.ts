/** Finds signed responses that nobody can verify. */
import type { Finding } from '../../findings.js';
import type { ServerMetadata } from '../../types.js';

/** Metadata members with algorithms by which the server signs, and the sections that define them. */
const SIGNED: Readonly<Record<string, string>> = {
  authorization_signing_alg_values_supported: 'JARM §4',
  introspection_signing_alg_values_supported: 'RFC 9701 §5',
};

/** Clients and APIs verify these responses with the keys at the `jwks_uri` of the metadata. @see RFC 8414 §2 */
export function unverifiable(document: Partial<ServerMetadata>): readonly Finding[] {
  const [signed] = Object.entries(SIGNED).filter(([name]) => name in document);
  if (!signed || document.jwks_uri !== undefined) return [];
  const [member, section] = signed;
  return [
    {
      rule: 'signed-without-jwks-uri',
      severity: 'warning',
      found: `The metadata has ${member}, and no jwks_uri`,
      why: 'Nobody can verify what is signed: whoever insists on it takes no answer of this server',
      section,
      remedy: 'Plug in jwks(), or say metadata({ jwks_uri }) where the keys are published elsewhere',
    },
  ];
}
