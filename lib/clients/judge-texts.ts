/** Judges the members of a registration that people read, in all their languages, and those about the software. @see RFC 7591 §2, §2.2 */
import type { ClientMetadata } from '../types.js';
import { invalidMetadata } from './invalid-metadata.js';
import { isRemoteURL } from './judge-keys.js';
import { isText } from './member.js';

/** Members that may come in several languages: `client_name#de`. @see RFC 7591 §2.2 */
const LINKS: ReadonlySet<string> = new Set(['client_uri', 'logo_uri', 'tos_uri', 'policy_uri']);
const TAGGED: ReadonlySet<string> = new Set(['client_name', ...LINKS]);

/** RFC 5646 §2.1, roughly: subtags of letters and digits. */
const LANGUAGE = /^[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,8}$/i;

/** The most characters of a text that a page shows. */
const MAX_TEXT = 200;
/** The most members with a language tag. */
const MAX_TAGGED = 50;
const MAX_CONTACTS = 10;

/** The member without its language tag; undefined for a name that cannot have one. @see RFC 7591 §2.2 */
export function untagged(name: string): string | undefined {
  const [member = '', language, ...more] = name.split('#');
  if (language === undefined || more.length > 0 || !TAGGED.has(member) || !LANGUAGE.test(language)) return undefined;
  return member;
}

/**
 * Characters by which a name could look like another one: control characters, those that change the order of the letters (Cf), those that are in no font (Cs, Co),
 * and those that a page does not show: a Braille pattern without dots and a note without a head are no default ignorable ones.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]/u;

/** Other spaces than the usual one, and those that a page leaves out: at an end, and the second of two. */
const ODD_SPACE = /(?! )\p{Zs}|^ | $| {2}/u;

function isShown(value: unknown): value is string {
  return isText(value) && value !== '' && value.length <= MAX_TEXT && !UNSEEN.test(value) && !ODD_SPACE.test(value);
}

function faultOf(name: string, value: unknown): string | undefined {
  if (LINKS.has(name)) return isRemoteURL(value) ? undefined : 'must be an https URL without a fragment';
  return isShown(value)
    ? undefined
    : `must be a text of ${MAX_TEXT} visible characters at most, with single spaces between words`;
}

function areContacts(value: unknown): boolean {
  return Array.isArray(value) && value.length <= MAX_CONTACTS && value.every(isShown);
}

/** The hosts of the redirect URIs. */
function hostsOf(uris: readonly string[]): ReadonlySet<string> {
  return new Set(uris.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).host));
}

/** @throws OAuth2Error if a page or a logo is at another host than the redirect URIs. @see RFC 7591 §5 */
function requireSameHost(metadata: ClientMetadata): void {
  const hosts = hostsOf(metadata.redirect_uris ?? []);
  for (const [name, value] of Object.entries(metadata)) {
    if (!LINKS.has(untagged(name) ?? name) || hosts.has(new URL(String(value)).host)) continue;
    throw invalidMetadata(`${name} must be at the host of a redirect URI`, { came: value, hosts: [...hosts] });
  }
}

/** @param sameHost whether pages and logos must be at the host of a redirect URI. @throws OAuth2Error `invalid_client_metadata` */
export function judgeTexts(metadata: ClientMetadata, { sameHost }: { readonly sameHost: boolean }): void {
  const named = Object.entries(metadata).map(([name, value]) => ({ name, value, member: untagged(name) ?? name }));
  if (named.filter(({ name, member }) => name !== member).length > MAX_TAGGED)
    throw invalidMetadata(`More than ${MAX_TAGGED} members have a language tag`);
  for (const { name, value, member } of named) {
    const isTold = TAGGED.has(member) || member === 'software_id' || member === 'software_version';
    const fault = isTold ? faultOf(member, value) : undefined;
    if (fault !== undefined) throw invalidMetadata(`${name} ${fault}`, { came: value });
  }
  const { contacts } = metadata;
  if (contacts !== undefined && !areContacts(contacts))
    throw invalidMetadata(`contacts must be an array of ${MAX_CONTACTS} texts at most`, { came: contacts });
  if (sameHost) requireSameHost(metadata);
}
