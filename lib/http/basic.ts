/** The client identifiers that a `Authorization: Basic` header may mean: as it stands, and form-decoded. @see RFC 6749 §2.3.1 */
export function basicUserIDs(header: string): readonly string[] {
  const [, credentials] = /^basic +([\w+/=-]+) *$/i.exec(header) ?? [];
  if (credentials === undefined) return [];
  const [raw = ''] = Buffer.from(credentials, 'base64').toString('utf8').split(':', 1);
  const [decoded = ''] = new URLSearchParams(`u=${raw.replaceAll('&', '%26')}`).values();
  return [raw, decoded];
}
