/** The URLs of the endpoints, by the metadata or by the configuration of the server. */
import type { Core } from '../core.js';
import { metadataPathsOf } from '../syntax/issuer.js';
import { type Answer, type Ask, objectIn } from './ask.js';

export type Metadata = Readonly<Record<string, unknown>>;

export interface Endpoints {
  readonly authorization?: string | undefined;
  readonly token?: string | undefined;
  readonly introspection?: string | undefined;
  readonly revocation?: string | undefined;
  readonly jwks?: string | undefined;
}

/** The metadata document, and the answer that it came in. */
export interface Announced {
  readonly answer: Answer | undefined;
  readonly metadata: Metadata | undefined;
}

/** RFC 8414 §3, §5; OpenID Connect Discovery §4. */
export async function announcedAt(ask: Ask, issuer: string): Promise<Announced> {
  const paths = metadataPathsOf(issuer);
  let first: Answer | undefined;
  for (const path of [paths.oauth, paths.openIDConfiguration]) {
    const answer = await ask(new URL(path, issuer).href);
    first ??= answer;
    const metadata = answer?.status === 200 ? objectIn(answer) : undefined;
    if (metadata) return { answer, metadata };
  }
  return { answer: first, metadata: undefined };
}

/** A member that is a URL. */
export function urlIn(metadata: Metadata, name: string): string | undefined {
  const value = metadata[name];
  return typeof value === 'string' && URL.canParse(value) ? value : undefined;
}

function listed(metadata: Metadata): Endpoints {
  return {
    authorization: urlIn(metadata, 'authorization_endpoint'),
    token: urlIn(metadata, 'token_endpoint'),
    introspection: urlIn(metadata, 'introspection_endpoint'),
    revocation: urlIn(metadata, 'revocation_endpoint'),
    jwks: urlIn(metadata, 'jwks_uri'),
  };
}

/** The endpoints by the configuration of the server, whether or not metadata announce them. */
function told<C, U>({ grants, exchangers, routes, locations }: Core<C, U>, issuer: string): Endpoints {
  const at = (name: string, usual: string) => locations.url(locations.of(name, usual), name, issuer);
  const ofRoute = (name: string) => {
    const route = routes.get(name);
    return route && at(name, route.path);
  };
  return {
    ...(grants.size > 0 && { authorization: at('authorization', '/authorize') }),
    ...(exchangers.length > 0 && { token: at('token', '/token') }),
    introspection: ofRoute('introspection'),
    revocation: ofRoute('revocation'),
    jwks: ofRoute('jwks'),
  };
}

/** The endpoints by the metadata, or without metadata by the configuration of the server. */
export function endpointsOf<C, U>(
  metadata: Metadata | undefined,
  core: Core<C, U> | undefined,
  issuer: string,
): Endpoints {
  if (metadata) return listed(metadata);
  return core ? told(core, issuer) : {};
}

/** The texts of a member that is a list. */
export function wordsIn(metadata: Metadata | undefined, name: string): readonly string[] {
  const value = metadata?.[name];
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
}
