/**
 * Decodes the part of DER that names in certificates use. Node gives these names as text for people, in which different names may look the same
 * (CVE-2021-44532, CVE-2021-44533). A client is therefore identified by the bytes of its certificate. @see X.690 §8
 */

/** One element: its tag, its length and its content. */
export interface DERElement {
  readonly tag: number;
  readonly content: Buffer;
  /** All of it: tag, length and content. */
  readonly whole: Buffer;
}

/** The first element of some bytes. @throws Error for bytes that are not DER */
function readElement(der: Buffer): DERElement {
  const tag = der.readUInt8(0);
  const first = der.readUInt8(1);
  const size = first < 0x80 ? 0 : first & 0x7f;
  // X.690 §10.1: lengths are definite. Tags of several bytes and lengths above 4 GiB are valid DER, which no name needs
  if ((tag & 0x1f) === 0x1f || first === 0x80 || size > 4) throw new RangeError('Not DER');
  const start = 2 + size;
  const end = start + (size === 0 ? first : der.readUIntBE(2, size));
  if (end > der.length) throw new RangeError('Not DER');
  return { tag, content: der.subarray(start, end), whole: der.subarray(0, end) };
}

/** Elements that follow each other. @throws Error for bytes that are not DER */
export function readElements(der: Buffer): readonly DERElement[] {
  const elements: DERElement[] = [];
  for (let rest = der; rest.length > 0; ) {
    const element = readElement(rest);
    elements.push(element);
    rest = rest.subarray(element.whole.length);
  }
  return elements;
}

/** The only element of some bytes. @throws Error for bytes that are not DER, or not exactly one element */
export function readOnly(der: Buffer): DERElement {
  const [element, another] = readElements(der);
  if (!element || another) throw new RangeError('Not one element of DER');
  return element;
}

/** In bytes. Writing a number in decimal takes time that grows faster than its length, and a stranger chooses the length. */
const LONGEST_OID = 64;

/** An object identifier in its usual notation, `2.5.4.3`. @throws RangeError for one that is too long. @see X.690 §8.19 */
export function readOID(content: Buffer): string {
  if (content.length > LONGEST_OID) throw new RangeError('Too long an OID');
  const numbers: bigint[] = [];
  let number = 0n;
  for (const byte of content) {
    number = (number << 7n) | BigInt(byte & 0x7f);
    if (byte & 0x80) continue;
    numbers.push(number);
    number = 0n;
  }
  const [first = 0n, ...rest] = numbers;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of bytes in UTF-8. @throws TypeError for bytes that are not UTF-8 */
export function readUTF8(bytes: Uint8Array): string {
  return UTF8.decode(bytes);
}

/** The text of bytes in ASCII. @throws TypeError for bytes that are not ASCII */
export function readASCII(bytes: Buffer): string {
  if (bytes.some((byte) => byte > 0x7f)) throw new TypeError('Not ASCII');
  return bytes.toString('latin1');
}

/** How to read strings, by their tags. Values of other types are compared byte by byte. @see RFC 5280 §4.1.2.4 */
const STRINGS: ReadonlyMap<number, (bytes: Buffer) => string> = new Map([
  [0x0c, readUTF8],
  [0x13, readASCII], // PrintableString
  [0x16, readASCII], // IA5String
  [0x1e, (bytes: Buffer) => new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true }).decode(bytes)], // BMPString
]);

/** The text of a string; undefined for an element that is not a string. @throws TypeError for bytes that its type cannot have */
export function readString({ tag, content }: DERElement): string | undefined {
  return STRINGS.get(tag)?.(content);
}
