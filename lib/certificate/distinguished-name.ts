/** Distinguished names, as they stand in certificates and as clients register them. @see RFC 4514, RFC 5280 §4.1.2.4 */
import { type DERElement, readElements, readOID, readOnly, readString, readUTF8 } from './der.js';

/**
 * A name in a normal form: two names are the same exactly where these texts are. The order of RDNs (relative distinguished names) matters, the order
 * of attributes within one RDN does not. Values are compared exactly, and not by the type of string that they are written in.
 */
export type DistinguishedName = string;

/** Names of attribute types, in lower case: of RFC 4514 §3, of RFC 4519 §2, and of common tools. Other types are written as OIDs. */
const TYPES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'cn commonname',
  '2.5.4.4': 'sn surname',
  '2.5.4.5': 'serialnumber',
  '2.5.4.6': 'c countryname',
  '2.5.4.7': 'l localityname',
  '2.5.4.8': 'st s stateorprovincename',
  '2.5.4.9': 'street streetaddress',
  '2.5.4.10': 'o organizationname',
  '2.5.4.11': 'ou organizationalunitname',
  '2.5.4.12': 'title t',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businesscategory',
  '2.5.4.16': 'postaladdress',
  '2.5.4.17': 'postalcode',
  '2.5.4.41': 'name',
  '2.5.4.42': 'givenname gn g',
  '2.5.4.43': 'initials',
  '2.5.4.44': 'generationqualifier',
  '2.5.4.45': 'x500uniqueidentifier',
  '2.5.4.46': 'dnqualifier',
  '2.5.4.65': 'pseudonym',
  '2.5.4.97': 'organizationidentifier',
  '0.9.2342.19200300.100.1.1': 'uid userid',
  '0.9.2342.19200300.100.1.3': 'mail',
  '0.9.2342.19200300.100.1.25': 'dc domaincomponent',
  '1.2.840.113549.1.9.1': 'emailaddress e email',
  '1.3.6.1.4.1.311.60.2.1.1': 'jurisdictionl',
  '1.3.6.1.4.1.311.60.2.1.2': 'jurisdictionst',
  '1.3.6.1.4.1.311.60.2.1.3': 'jurisdictionc',
};

const OIDS: ReadonlyMap<string, string> = new Map(
  Object.entries(TYPES).flatMap(([oid, names]) => names.split(' ').map((name) => [name, oid])),
);

/** In characters. Names in use are shorter. */
const LONGEST_NAME = 2048;

const OID = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+$/;

/**
 * RFC 4514 §3: one attribute and the separator after it. Unescaped spaces around separators are ignored (RFC 2253 §4), since most tools print
 * them. The pattern looks at each space once: otherwise a name of many spaces would take time that grows with the square of their number.
 */
const ATTRIBUTE =
  / *([A-Za-z][A-Za-z\d-]*|\d[\d.]*) *= *(#(?:[\dA-Fa-f]{2})+|(?![# ])(?: *(?:\\(?:[ "#+,;<=>\\]|[\dA-Fa-f]{2})|[^ "+,;<>\\\0\p{Cs}]))*) *([+,]|$)/uy;

/** RFC 4514 §2.4: a backslash and a character, or a byte of UTF-8 in two digits. @throws TypeError */
function withoutEscapes(text: string): string {
  const parts = text.split(/(\\(?:[\dA-Fa-f]{2}|.))/);
  const bytes = parts.map((part) => {
    const escaped = part.startsWith('\\') ? part.slice(1) : undefined;
    return escaped?.length === 2 ? Buffer.from(escaped, 'hex') : Buffer.from(escaped ?? part);
  });
  return readUTF8(Buffer.concat(bytes));
}

function spell(oid: string, value: DERElement | string): string {
  const text = typeof value === 'string' ? value : readString(value);
  return JSON.stringify(text === undefined ? [oid, (value as DERElement).whole.toString('hex'), 'DER'] : [oid, text]);
}

function spellAll(rdns: readonly (readonly string[])[]): DistinguishedName {
  return JSON.stringify(rdns.map((attributes) => [...attributes].sort()));
}

/** An attribute as a client registers it, in the normal form. @throws TypeError for an unknown type, or a malformed value */
function spellRegistered(type: string, value: string): string {
  const oid = OID.test(type) ? type : OIDS.get(type.toLowerCase());
  if (oid === undefined) throw new TypeError(`Unknown attribute type: ${type}`);
  return spell(oid, value.startsWith('#') ? readOnly(Buffer.from(value.slice(1), 'hex')) : withoutEscapes(value));
}

/** The attributes of a name as they are written, each in the normal form and with the separator after it. @throws TypeError for a malformed name */
function* attributesOf(text: string): Generator<readonly [spelt: string, separator: string]> {
  const pattern = new RegExp(ATTRIBUTE);
  for (let separator = ','; separator !== ''; ) {
    const [, type = '', value = '', next] = pattern.exec(text) ?? [];
    if (next === undefined) throw new TypeError('Not a distinguished name');
    separator = next;
    yield [spellRegistered(type, value), separator];
  }
}

/**
 * A name as a client registers it. Its text begins with the last RDN of the certificate's name.
 *
 * @returns undefined for a text that is not a name, and for a name with an attribute type that is not known here
 * @see RFC 4514 §2, §3
 */
export function parseName(text: string): DistinguishedName | undefined {
  if (text.length > LONGEST_NAME) return undefined;
  try {
    const rdns: string[][] = [[]];
    for (const [attribute, separator] of attributesOf(text)) {
      rdns.at(-1)?.push(attribute);
      if (separator === ',') rdns.push([]);
    }
    return spellAll(rdns.reverse()); // RFC 4514 §2.1: starting with the last element of the sequence
  } catch {
    return undefined;
  }
}

/**
 * A name as it stands in a certificate: a sequence of sets of types and values.
 *
 * @throws Error for bytes that are not a name. @see RFC 5280 §4.1.2.4
 */
export function readName(content: Buffer): DistinguishedName {
  const rdns = readElements(content).map((rdn) =>
    readElements(rdn.content).map(({ content }) => {
      const [type, value, more] = readElements(content);
      if (type?.tag !== 0x06 || !value || more) throw new TypeError('Not a distinguished name');
      return spell(readOID(type.content), value);
    }),
  );
  return spellAll(rdns);
}
