/** The metadata of the attacked server. */
import { membersOf, type Page, send } from './http.js';
import type { AttackEndpoints, AttackTarget } from './target.js';

/** RFC 8414 §3.1: the well-known path is inserted before the issuer's path. */
function metadataURL(issuer: string): string {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`;
}

/** OpenID Connect Discovery §4: the well-known path is appended to the issuer. */
const openidMetadataURL = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const read = (url: string): Promise<Page> => send(url, { headers: { accept: 'application/json' } });

/** The metadata of the server, from either document; empty if it has none. */
export async function metadataOf({ issuer }: AttackTarget): Promise<Readonly<Record<string, unknown>>> {
  const [openid, oauth] = [await read(openidMetadataURL(issuer)), await read(metadataURL(issuer))];
  return { ...membersOf(openid), ...membersOf(oauth) };
}

const LISTED = [
  'authorization',
  'token',
  'introspection',
  'revocation',
  'pushed_authorization_request',
  'device_authorization',
  'backchannel_authentication',
  'registration',
  'userinfo',
  'end_session',
] as const;

export async function endpointsOf(target: AttackTarget): Promise<AttackEndpoints> {
  const { issuer, endpoints = {} } = target;
  const { authorization, token } = endpoints;
  if (authorization !== undefined && token !== undefined) return { ...endpoints, authorization, token };
  const metadata = await metadataOf(target);
  const listed = LISTED.map((name) => [name, text(metadata[`${name}_endpoint`])] as const);
  const found: Partial<AttackEndpoints> = { ...Object.fromEntries(listed), ...endpoints };
  if (!found.authorization || !found.token) {
    const { url, status } = await read(metadataURL(issuer));
    throw new Error(`${url} (${status}) names no authorization and token endpoints: give them in \`endpoints\``);
  }
  return { ...found, authorization: found.authorization, token: found.token };
}
