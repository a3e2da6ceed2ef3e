/** The members of the metadata document that are URLs. All are published as absolute URLs: RFC 8414 §2. */
import { requireLocation } from '../../registry/locations.js';

type Document = Readonly<Record<string, unknown>>;

/** Pages for people. They may be on any site, also on one without https. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(['service_documentation', 'op_policy_uri', 'op_tos_uri']);

const ALIASES = 'mtls_endpoint_aliases'; // RFC 8705 §5: an object of endpoints

function isPage(name: string, value: unknown): boolean {
  return (
    FOR_PEOPLE.has(name) && typeof value === 'string' && /^https?:\/\/[^\s\\/]/i.test(value) && URL.canParse(value)
  );
}

/** Whether a member is a URL, by its name. A member with an unknown name counts as a URL if its value looks like a path. */
function isLocated(name: string, value: unknown): boolean {
  if (isPage(name, value)) return false;
  return (
    /_(?:endpoint|uri)$/.test(name) || FOR_PEOPLE.has(name) || (typeof value === 'string' && value.startsWith('/'))
  );
}

type Change = (value: unknown, what: string) => unknown;

function changeMembers(members: Document, change: Change, of: string): Document {
  const changed = Object.entries(members).map(([name, value]) => {
    const what = `${of}${name}`;
    if (name === ALIASES && typeof value === 'object' && value !== null)
      return [name, changeMembers({ ...value }, change, `${what}.`)];
    return [name, isLocated(name, value) ? change(value, what) : value];
  });
  return Object.fromEntries(changed);
}

/** @throws TypeError for a URL that is neither a path nor absolute: no relative URL is ever published */
export function requireURLs(members: Document): void {
  changeMembers(members, (value, what) => value === undefined || requireLocation(value, what), '');
}

/** The document with every URL made absolute. @throws TypeError */
export function withURLs(document: Document, locate: Change): Document {
  return changeMembers(document, locate, '');
}
