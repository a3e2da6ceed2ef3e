/** RFC 8414: OAuth 2.0 Authorization Server Metadata, and OpenID Connect Discovery 1.0. */
import { grantTypesFor } from '../../clients/permitted.js';
import type { Core, Plug } from '../../core.js';
import { requireKnown } from '../../options.js';
import { add } from '../../registry/add.js';
import { metadataPathsOf, requireIssuer } from '../../syntax/issuer.js';
import type { Client, ServerMetadata } from '../../types.js';
import { isOpenIDProvider, PROVIDER, requireComplete } from './openid.js';
import { unverifiable } from './unverifiable.js';
import { requireURLs, withURLs } from './urls.js';

/** The members that the application sets. URLs may be paths below the issuer. */
export type MetadataOptions = Partial<ServerMetadata>;

/** How the document is served. */
export interface MetadataServing {
  /**
   * Members to leave out of the document, such as members of drafts that a client or a test suite refuses. The features that they describe still work. Default:
   * none.
   */
  readonly leaveOut?: readonly string[];
}

/** Seconds for which clients may cache the document. */
const DOCUMENT_MAX_AGE = 3600;

/** RFC 8414 §2: the authorization endpoint is REQUIRED if a grant uses it, and the token endpoint unless only the implicit grant is supported. */
function spineURLs<C, U>({ grants, exchangers, locations }: Core<C, U>): Partial<ServerMetadata> {
  return {
    ...(grants.size > 0 && { authorization_endpoint: locations.of('authorization', '/authorize') }),
    ...(exchangers.length > 0 && { token_endpoint: locations.of('token', '/token') }),
  };
}

/** The URLs of the endpoints of extensions. */
function routeURLs<C, U>({ routes, locations }: Core<C, U>): Readonly<Record<string, string>> {
  const listed = [...routes].flatMap(([name, { path, listedAs }]) =>
    listedAs === undefined ? [] : [[listedAs, locations.of(name, path)]],
  );
  return Object.fromEntries(listed);
}

/** The endpoints of `createServer({ endpoints })`, by the names that RFC 8414 §2 gives them. */
function configuredEndpoints<C, U>({ locations, routes }: Core<C, U>): Readonly<Record<string, string>> {
  const isListed = ([name]: readonly [string, unknown]): boolean =>
    !routes.has(name) || routes.get(name)?.listedAs !== undefined;
  const said = Object.entries(locations.endpoints).filter(isListed); // without endpoints that RFC 8414 does not list, such as the one for decisions
  return Object.fromEntries(said.map(([name, value]) => [routes.get(name)?.listedAs ?? `${name}_endpoint`, value]));
}

function derive<C, U>(core: Core<C, U>): Partial<ServerMetadata> {
  const responseTypes = [...core.grants.keys()];
  const exchanged = core.exchangers.flatMap(({ type }) => type ?? []);
  const isImplicit = responseTypes.some((type) => grantTypesFor(core, type).includes('implicit'));
  let document: Partial<ServerMetadata> = {
    response_types_supported: responseTypes,
    response_modes_supported: [...core.responseModes.keys()],
    grant_types_supported: [...new Set([...exchanged, ...(isImplicit ? ['implicit'] : [])])],
  };
  for (const plug of core.extensions) document = add(document, plug.metadata?.(), plug.name);
  const usual = isOpenIDProvider(document) ? PROVIDER : {};
  return { ...usual, ...spineURLs(core), ...routeURLs(core), ...configuredEndpoints(core), ...document };
}

/** The further paths of the document of an OpenID Provider. @see OpenID Connect Discovery §4 */
function openIDPaths<C, U>(core: Core<C, U>, options: MetadataOptions): readonly string[] {
  const issuer = options.issuer ?? core.issuer;
  return issuer !== undefined && isOpenIDProvider(derive(core)) ? [metadataPathsOf(issuer).openIDConfiguration] : [];
}

/** RFC 8414 §3.2: members with zero elements MUST be omitted; §2: `response_types_supported` is REQUIRED even if it is empty. */
function isOmitted(name: string, value: unknown): boolean {
  return Array.isArray(value) && value.length === 0 && name !== 'response_types_supported';
}

/** Whether a member describes an endpoint that the server does not have, for example the authentication methods there. */
function describesAbsent(name: string, document: ServerMetadata): boolean {
  const [, endpoint] = /^((?:introspection|revocation)_endpoint)_/.exec(name) ?? [];
  return endpoint !== undefined && !(endpoint in document);
}

function toBody<C, U>(document: ServerMetadata, { locations }: Core<C, U>, leaveOut: readonly string[]): object {
  const members = Object.entries(document).filter(
    ([name, value]) =>
      value !== undefined && !isOmitted(name, value) && !describesAbsent(name, document) && !leaveOut.includes(name),
  );
  return withURLs(Object.fromEntries(members), (value, what) => locations.url(value, what, document.issuer));
}

/** @throws Error if an option contradicts the server */
function requireAgreement<C, U>(core: Core<C, U>, options: MetadataOptions): void {
  const { issuer } = core;
  // RFC 9207 §2.4: clients compare the two
  if ((options.issuer ?? issuer) !== (issuer ?? options.issuer))
    throw new Error(`metadata and the server name different issuers: ${options.issuer}, and ${issuer}`);
  const configured = configuredEndpoints(core);
  for (const [name, value] of Object.entries(options)) {
    if (value !== (configured[name] ?? value))
      throw new Error(`metadata({ ${name} }) is ${value}, and createServer({ endpoints }) says ${configured[name]}`);
  }
}

/** RFC 8414 §2: what the document must have. */
const REQUIRED: readonly string[] = ['issuer', 'response_types_supported'];

/** @throws TypeError */
function requireServing(serving: MetadataServing): void {
  requireKnown<MetadataServing>(serving, { leaveOut: true }, 'metadata(members, options)');
  const needed = serving.leaveOut?.find((name) => REQUIRED.includes(name));
  if (needed !== undefined) throw new TypeError(`metadata cannot leave out ${needed}: RFC 8414 §2 requires it`);
}

/**
 * Publishes the metadata document. Most members are derived from what is plugged in; the application gives the others.
 *
 * @param options members of the document, which replace derived ones. URLs may be paths below the issuer and the
 * prefix of `createServer({ issuer, prefix })`
 *
 * If the server is an OpenID Provider, the same document is the one of OpenID Connect Discovery, at both well-known places.
 *
 * @throws TypeError for a URL that is neither a path nor absolute, and for an invalid issuer
 * @throws Error if the options contradict `createServer({ issuer, endpoints })`; before the first request, if the server is an OpenID Provider and the document
 * lacks a required member; and at a request, if there is no issuer
 * @example router.all('/.well-known/oauth-authorization-server', server.endpoint(metadata()))
 * @see RFC 8414 §2, §3, OpenID Connect Discovery §3, §4
 */
export function metadata<C = Client, U = unknown>(
  options: MetadataOptions = {},
  serving: MetadataServing = {},
): Plug<C, U> {
  requireServing(serving);
  const { leaveOut = [] } = serving;
  const { mtls_endpoint_aliases } = options;
  const aliases = mtls_endpoint_aliases === undefined ? {} : { mtls_endpoint_aliases };
  if (options.issuer !== undefined) requireIssuer(options.issuer);
  requireURLs({ ...options });
  return (core) => {
    requireAgreement(core, options);
    return {
      name: 'metadata',
      spec: ['RFC 8414', 'OpenID Connect Discovery'],
      metadata: () => aliases, // for the extensions that must know the URLs at which clients call the server, such as dpop()
      ready() {
        requireAgreement(core, options); // an extension that was plugged in later may have set the issuer
        requireComplete({ ...derive(core), ...options });
      },
      findings: () => unverifiable({ ...derive(core), ...options }),
      routes: {
        metadata: {
          path: metadataPathsOf(core.issuer ?? 'https://as.example').oauth,
          alsoAt: () => openIDPaths(core, options),
          methods: ['GET', 'HEAD'],
          cors: 'every-origin',
          async handler(ctx) {
            const document = { issuer: '', ...derive(core), ...options } as ServerMetadata;
            if (!document.issuer)
              throw new Error('metadata needs an issuer: createServer({ issuer: url }), or server.extend(issuer(url))');
            ctx.set('Cache-Control', `public, max-age=${DOCUMENT_MAX_AGE}`);
            ctx.body = toBody(document, core, leaveOut);
          },
        },
      },
    };
  };
}
