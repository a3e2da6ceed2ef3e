/** Compares the certificate of a client with the name that the client registered. @see RFC 8705 §2.1.2 */
import type { X509Certificate } from 'node:crypto';
import { parseName } from '../certificate/distinguished-name.js';
import { type AlternativeName, hasAlternativeName, isAlternativeName, subjectOf } from '../certificate/names.js';
import { Reason } from '../errors/reason.js';
import { warnOnce } from '../errors/warning.js';
import { authenticationFailed } from './failure.js';

/** The name that a client's certificate must have: a client registers exactly one of these. @see RFC 8705 §2.1.2 */
export interface TLSClientAuthMetadata {
  /** The subject of the certificate as RFC 4514 writes it, with the most specific part first: `CN=client,O=Example,C=DE`. */
  readonly tls_client_auth_subject_dn?: string | undefined;
  readonly tls_client_auth_san_dns?: string | undefined;
  readonly tls_client_auth_san_uri?: string | undefined;
  readonly tls_client_auth_san_ip?: string | undefined;
  readonly tls_client_auth_san_email?: string | undefined;
}

/** A kind of name: how its registered text is read, and how it is found in a certificate. */
interface Kind {
  isReadable(registered: string): boolean;
  isIn(certificate: X509Certificate, registered: string): boolean;
}

const SUBJECT: Kind = {
  isReadable: (registered) => parseName(registered) !== undefined,
  isIn(certificate, registered) {
    const name = parseName(registered);
    return name !== undefined && name === subjectOf(certificate);
  },
};

function alternative(kind: AlternativeName): Kind {
  return {
    isReadable: (registered) => isAlternativeName(kind, registered),
    isIn: (certificate, registered) => hasAlternativeName(certificate, kind, registered),
  };
}

const KINDS: Readonly<Record<keyof TLSClientAuthMetadata, Kind>> = {
  tls_client_auth_subject_dn: SUBJECT,
  tls_client_auth_san_dns: alternative('dns'),
  tls_client_auth_san_uri: alternative('uri'),
  tls_client_auth_san_ip: alternative('ip'),
  tls_client_auth_san_email: alternative('email'),
};

interface RegisteredName {
  readonly member: string;
  readonly kind: Kind;
  readonly value: unknown;
}

function registeredNames(metadata: object): readonly RegisteredName[] {
  return Object.entries(KINDS).flatMap(([member, kind]) => {
    const value: unknown = Reflect.get(metadata, member);
    return value === undefined || value === null || value === '' ? [] : [{ member, kind, value }];
  });
}

/** The member whose registered name no certificate can have; undefined if all registered names are valid. */
export function unreadableName(metadata: object): string | undefined {
  const names = registeredNames(metadata);
  return names.find(({ kind, value }) => typeof value === 'string' && !kind.isReadable(value))?.member;
}

/** RFC 8705 §2.1.2: a client registers exactly one name. Otherwise no certificate is accepted. @throws TokenError `invalid_client` */
export function requireNamed(certificate: X509Certificate, metadata: TLSClientAuthMetadata, clientID: string): void {
  const names = registeredNames(metadata);
  const [only, another] = names;
  if (another) {
    warnOnce(
      'KOAUTHORIZE_CERTIFICATE_NAMES',
      'A client registered several tls_client_auth_* names. RFC 8705 §2.1.2 allows exactly one, so tls_client_auth refuses the client.',
    );
    const registered = names.map(({ member }) => member);
    throw authenticationFailed(new Reason(`${clientID} registered several names of its certificate`, { registered }));
  }
  if (typeof only?.value !== 'string')
    throw authenticationFailed(`${clientID} registered no name of its certificate: one of tls_client_auth_*, as text`);
  const { member, kind, value } = only;
  if (!kind.isReadable(only.value))
    throw authenticationFailed(
      new Reason(`What ${clientID} registered as ${member} cannot be read`, { registered: value }),
    );
  if (kind.isIn(certificate, only.value)) return;
  const { subject, subjectAltName } = certificate;
  throw authenticationFailed(
    new Reason(`The certificate of ${clientID} has not the name that it registered`, {
      ...{ [member]: value, subject, alternative_names: subjectAltName },
    }),
  );
}
