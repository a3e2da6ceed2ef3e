/** RFC 8414: OAuth 2.0 Authorization Server Metadata. */
import type { Core, Endpoint } from '../core.js';
import { add } from '../http/add.js';
import type { Client, ServerMetadata } from '../types.js';

/** What the application adds. Its URLs may be paths: they are resolved against the issuer. */
export type MetadataOptions = Partial<ServerMetadata>;

/** Seconds for which the document may be kept. */
const MAX_AGE = 3600;

function derive<C, U>(core: Core<C, U>): Partial<ServerMetadata> {
  const responseTypes = [...core.grants.keys()];
  const exchanged = core.exchangers.flatMap(({ type }) => type ?? []);
  let document: Partial<ServerMetadata> = {
    response_types_supported: responseTypes,
    response_modes_supported: [...core.responseModes.keys()],
    grant_types_supported: [...new Set([...exchanged, ...(responseTypes.includes('token') ? ['implicit'] : [])])],
  };
  for (const plug of [...core.extensions, ...core.endpoints]) document = add(document, plug.metadata?.(), plug.name);
  return document;
}

/** RFC 8414 §3.2: members with zero elements MUST be omitted; §2: response types are REQUIRED all the same. */
function isOmitted(name: string, value: unknown): boolean {
  return Array.isArray(value) && value.length === 0 && name !== 'response_types_supported';
}

/** RFC 8414 §2: URLs are absolute. */
function absolute(value: unknown, issuer: string): unknown {
  return typeof value === 'string' && value.startsWith('/') ? new URL(value, issuer).href : value;
}

/** What is said of an endpoint that there is not. */
function isIdle(name: string, document: ServerMetadata): boolean {
  const [, endpoint] = /^((?:introspection|revocation)_endpoint)_/.exec(name) ?? [];
  return endpoint !== undefined && !(endpoint in document);
}

function toBody(document: ServerMetadata): object {
  const members = Object.entries(document).filter(
    ([name, value]) => !isOmitted(name, value) && !isIdle(name, document),
  );
  return Object.fromEntries(members.map(([name, value]) => [name, absolute(value, document.issuer)]));
}

/**
 * The metadata document: derives what it can from what is plugged in, and takes the URLs, and what only the application knows, from
 * the application.
 *
 * @param options members of the document; the application's win over those derived
 * @throws Error at the request, when no issuer is known: plug in `issuer()`, or give one
 * @example router.get('/.well-known/oauth-authorization-server', server.endpoint(metadata({ token_endpoint: '/token' })))
 * @see RFC 8414 §2, §3
 */
export function metadata<C = Client, U = unknown>(options: MetadataOptions = {}): Endpoint<C, U> {
  return (core) =>
    async function metadata(ctx) {
      const derived = derive(core);
      const document = { issuer: '', ...derived, ...options } as ServerMetadata;
      if (!document.issuer)
        throw new Error('metadata needs an issuer: server.extend(issuer(url)), or metadata({ issuer: url })');
      // RFC 9207 §2.4: clients compare the two
      if (document.issuer !== (derived.issuer ?? document.issuer))
        throw new Error('metadata and issuer() name different issuers');
      ctx.set('Access-Control-Allow-Origin', '*'); // clients in browsers read it
      ctx.set('Cache-Control', `public, max-age=${MAX_AGE}`);
      ctx.body = toBody(document);
    };
}
