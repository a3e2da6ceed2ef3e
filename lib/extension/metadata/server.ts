/** RFC 8414: OAuth 2.0 Authorization Server Metadata. */
import type { Core, Plug } from '../../core.js';
import { add } from '../../registry/add.js';
import { metadataPathsOf, requireIssuer } from '../../syntax/issuer.js';
import type { Client, ServerMetadata } from '../../types.js';
import { requireURLs, withURLs } from './urls.js';

/** The members that the application gives. URLs may be paths below the issuer. */
export type MetadataOptions = Partial<ServerMetadata>;

/** Seconds for which clients may cache the document. */
const DOCUMENT_MAX_AGE = 3600;

/** RFC 8414 §2: the authorization endpoint is REQUIRED if a grant uses it, and the token endpoint unless only the implicit grant is supported. */
function spineURLs<C, U>({ grants, exchangers, locations }: Core<C, U>): Partial<ServerMetadata> {
  return {
    ...(grants.size > 0 && { authorization_endpoint: locations.of('authorization', '/authorize') }),
    ...(exchangers.length > 0 && { token_endpoint: locations.of('token', '/token') }),
  };
}

/** Where the endpoints of extensions are. */
function routeURLs<C, U>({ routes, locations }: Core<C, U>): Readonly<Record<string, string>> {
  const listed = [...routes].flatMap(([name, { path, listedAs }]) =>
    listedAs === undefined ? [] : [[listedAs, locations.of(name, path)]],
  );
  return Object.fromEntries(listed);
}

/** The endpoints of `createServer({ endpoints })`, by the names that RFC 8414 §2 gives them. */
function configuredEndpoints<C, U>({ locations, routes }: Core<C, U>): Readonly<Record<string, string>> {
  const said = Object.entries(locations.endpoints);
  return Object.fromEntries(said.map(([name, value]) => [routes.get(name)?.listedAs ?? `${name}_endpoint`, value]));
}

function derive<C, U>(core: Core<C, U>): Partial<ServerMetadata> {
  const responseTypes = [...core.grants.keys()];
  const exchanged = core.exchangers.flatMap(({ type }) => type ?? []);
  let document: Partial<ServerMetadata> = {
    response_types_supported: responseTypes,
    response_modes_supported: [...core.responseModes.keys()],
    grant_types_supported: [...new Set([...exchanged, ...(responseTypes.includes('token') ? ['implicit'] : [])])],
  };
  for (const plug of core.extensions) document = add(document, plug.metadata?.(), plug.name);
  return { ...spineURLs(core), ...routeURLs(core), ...configuredEndpoints(core), ...document };
}

/** RFC 8414 §3.2: members with zero elements MUST be omitted; §2: response types are REQUIRED all the same. */
function isOmitted(name: string, value: unknown): boolean {
  return Array.isArray(value) && value.length === 0 && name !== 'response_types_supported';
}

/** Whether a member describes an endpoint that the server does not have, such as how clients authenticate there. */
function describesAbsent(name: string, document: ServerMetadata): boolean {
  const [, endpoint] = /^((?:introspection|revocation)_endpoint)_/.exec(name) ?? [];
  return endpoint !== undefined && !(endpoint in document);
}

function toBody<C, U>(document: ServerMetadata, { locations }: Core<C, U>): object {
  const members = Object.entries(document).filter(
    ([name, value]) => value !== undefined && !isOmitted(name, value) && !describesAbsent(name, document),
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

/**
 * Publishes the metadata document. Most members are derived from what is plugged in; the application gives the others.
 *
 * @param options members of the document; they replace those that are derived. URLs may be paths below the issuer and the
 * prefix of `createServer({ issuer, prefix })`
 * @throws TypeError for a URL that is neither a path nor absolute, and for an issuer that cannot be one
 * @throws Error when it contradicts `createServer({ issuer, endpoints })`; and at the request, when no issuer is known
 * @example router.all('/.well-known/oauth-authorization-server', server.endpoint(metadata()))
 * @see RFC 8414 §2, §3
 */
export function metadata<C = Client, U = unknown>(options: MetadataOptions = {}): Plug<C, U> {
  if (options.issuer !== undefined) requireIssuer(options.issuer);
  requireURLs({ ...options });
  return (core) => {
    requireAgreement(core, options);
    return {
      name: 'metadata',
      spec: 'RFC 8414',
      ready: () => requireAgreement(core, options), // an extension that was plugged in later may have set the issuer
      routes: {
        metadata: {
          path: metadataPathsOf(core.issuer ?? 'https://as.example').oauth,
          methods: ['GET', 'HEAD'],
          cors: 'every-origin',
          async handler(ctx) {
            const document = { issuer: '', ...derive(core), ...options } as ServerMetadata;
            if (!document.issuer)
              throw new Error('metadata needs an issuer: createServer({ issuer: url }), or server.extend(issuer(url))');
            ctx.set('Cache-Control', `public, max-age=${DOCUMENT_MAX_AGE}`);
            ctx.body = toBody(document, core);
          },
        },
      },
    };
  };
}
