/** The URLs of the endpoints, by the metadata or by the configuration of the server. */
import type { Core } from '../core.js';
import { metadataPathsOf } from '../syntax/issuer.js';
import { type Answer, type Ask, objectIn } from './ask.js';

export type Metadata = Readonly<Record<string, unknown>>;

/** An endpoint of an extension. */
export interface FurtherEndpoint {
  /** The metadata member that announces the endpoint; the name of its route if no member does. */
  readonly name: string;
  readonly url: string;
  readonly method: string;
  /** The name of the middleware, if only the server object discloses the endpoint, and not the metadata. */
  readonly route?: string;
}

export interface Endpoints {
  /** The endpoints that only the rule endpointMissing examines. */
  readonly further?: readonly FurtherEndpoint[] | undefined;
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

/** The members that announce endpoints of extensions, and the HTTP method of each endpoint. */
const FURTHER: Readonly<Record<string, string>> = {
  device_authorization_endpoint: 'POST', // RFC 8628 §4
  pushed_authorization_request_endpoint: 'POST', // RFC 9126 §5
  registration_endpoint: 'POST', // RFC 7591 §3
  backchannel_authentication_endpoint: 'POST', // CIBA §4
  userinfo_endpoint: 'GET', // OpenID Connect Core §5.3
  end_session_endpoint: 'GET', // OpenID Connect RP-Initiated Logout §2
  check_session_iframe: 'GET', // OpenID Connect Session Management §3.3
};

/** Endpoints at other origins are not asked: the rule metadataOrigin reports them. */
function announcedFurther(metadata: Metadata, issuer: string): readonly FurtherEndpoint[] {
  return Object.entries(FURTHER).flatMap(([name, method]) => {
    const url = urlIn(metadata, name);
    return url !== undefined && new URL(url).origin === new URL(issuer).origin ? [{ name, url, method }] : [];
  });
}

/** The endpoints that are plugged in and not announced: pages; all endpoints if there is no metadata. */
function toldFurther<C, U>({ routes, locations }: Core<C, U>, issuer: string, isAnnounced: boolean) {
  return [...routes].flatMap(([name, { path, methods, listedAs }]): FurtherEndpoint[] => {
    if (path.includes('/.well-known/') || (isAnnounced && listedAs !== undefined)) return [];
    const url = locations.url(locations.of(name, path), name, issuer);
    return [{ name, url, method: methods[0] ?? 'GET', route: name }];
  });
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
  const further = [
    ...(metadata ? announcedFurther(metadata, issuer) : []),
    ...(core ? toldFurther(core, issuer, metadata !== undefined) : []),
  ];
  if (metadata) return { ...listed(metadata), further };
  return core ? { ...told(core, issuer), further } : {};
}

/** The texts of a member that is a list. */
export function wordsIn(metadata: Metadata | undefined, name: string): readonly string[] {
  const value = metadata?.[name];
  return Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
}
