/** The names of a certificate's subject. */
import type { X509Certificate } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { type DERElement, readASCII, readElements, readOID, readOnly } from './der.js';
import { type DistinguishedName, readName } from './distinguished-name.js';

/** The kinds of subject alternative names that clients can register. @see RFC 8705 §2.1.2, RFC 5280 §4.2.1.6 */
export type AlternativeName = 'dns' | 'uri' | 'ip' | 'email';

const SAN = '2.5.29.17';

/** The tags of these kinds in GeneralName. @see RFC 5280 §4.2.1.6 */
const TAGS: Readonly<Record<AlternativeName, number>> = { email: 0x81, dns: 0x82, uri: 0x86, ip: 0x87 };

/** The fields of TBSCertificate. @throws Error. @see RFC 5280 §4.1 */
function fieldsOf({ raw }: X509Certificate): readonly DERElement[] {
  const [tbs] = readElements(readOnly(raw).content);
  const fields = readElements(tbs?.content ?? Buffer.alloc(0));
  return fields[0]?.tag === 0xa0 ? fields.slice(1) : fields; // the field `version` has the tag [0], and is absent in certificates of version 1
}

/** The subject's distinguished name; undefined if it is empty or cannot be read. */
export function subjectOf(certificate: X509Certificate): DistinguishedName | undefined {
  try {
    const subject = fieldsOf(certificate)[4]; // serialNumber, signature, issuer, validity, subject
    return subject?.tag === 0x30 && subject.content.length > 0 ? readName(subject.content) : undefined;
  } catch {
    return undefined;
  }
}

function generalNames(certificate: X509Certificate): readonly DERElement[] {
  const extensions = fieldsOf(certificate).find(({ tag }) => tag === 0xa3);
  if (!extensions) return [];
  const values = readElements(readOnly(extensions.content).content).flatMap(({ content }) => {
    const [id, ...rest] = readElements(content);
    return id && readOID(id.content) === SAN ? rest.slice(-1) : [];
  });
  const [value, another] = values; // RFC 5280 §4.2: MUST NOT include more than one instance
  return value && !another ? readElements(readOnly(value.content).content) : [];
}

/** An IP address in its normal form; undefined for a text that is not an address. @see RFC 5952 §4, §8 */
function spellAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  return isIPv6(text) && !text.includes('%') ? new URL(`http://[${text}]`).hostname : undefined;
}

function readAddress(bytes: Buffer): string | undefined {
  if (bytes.length === 4) return spellAddress(bytes.join('.'));
  return spellAddress((bytes.toString('hex').match(/.{4}/g) ?? []).join(':'));
}

function lowerCaseHost(address: string): string {
  const at = address.lastIndexOf('@');
  return address.slice(0, at) + address.slice(at).toLowerCase();
}

/** The normal form that names of each kind are compared in. @see RFC 5280 §7.2, §7.4, §7.5 */
const SPELL: Readonly<Record<AlternativeName, (text: string) => string | undefined>> = {
  dns: (name) => name.toLowerCase(),
  uri: (uri) => uri,
  ip: spellAddress,
  email: lowerCaseHost,
};

/** Whether a certificate can have this text as a name of this kind. */
export function isAlternativeName(kind: AlternativeName, text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text) && SPELL[kind](text) !== undefined; // RFC 5280 §4.2.1.6: these names are ASCII
}

/** Whether a certificate has exactly this name among its alternative names. A wildcard matches nothing but itself. */
export function hasAlternativeName(certificate: X509Certificate, kind: AlternativeName, expected: string): boolean {
  const spelt = SPELL[kind](expected);
  if (!spelt) return false;
  const read = (bytes: Buffer): string | undefined =>
    kind === 'ip' ? readAddress(bytes) : SPELL[kind](readASCII(bytes));
  try {
    const names = generalNames(certificate).filter(({ tag }) => tag === TAGS[kind]);
    return names.some(({ content }) => read(content) === spelt);
  } catch {
    return false;
  }
}
