/**
 * Members of a registration that restrict the client, and that only an extension can enforce. If no extension enforces such a member, the client is refused.
 */
import type { Core } from '../core.js';
import { AuthorizationError } from '../errors/authorization-error.js';
import type { OAuth2Error } from '../errors/oauth2-error.js';
import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import { invalidMetadata } from './invalid-metadata.js';
import { restricts } from './member.js';

/** RFC 9449 §5.2, RFC 8705 §3.4: the client's tokens must be bound to a key. */
const OF_TOKENS = ['dpop_bound_access_tokens', 'tls_client_certificate_bound_access_tokens'];

/** RFC 9126 §6, RFC 9101 §10.5: the client's authorization requests must be pushed or signed. They lead to tokens, so the members above count, too. */
const OF_REQUESTS = ['require_pushed_authorization_requests', 'require_signed_request_object', ...OF_TOKENS];

function ignored<C, U>(core: Core<C, U>, client: unknown, members: readonly string[]): string | undefined {
  const isObeyed = (member: string): boolean => core.extensions.some(({ obeys }) => obeys?.includes(member));
  return members.find((member) => restricts(client, member) && !isObeyed(member));
}

function refused<E extends OAuth2Error>(error: E, member: string): E {
  return reasoned(error, `The client registered ${member}, and no extension that is plugged in obeys it`, { member });
}

/** @throws AuthorizationError `unauthorized_client` for a client whose registration has a restriction that this server does not enforce. @see RFC 7591 §2 */
export function requireObeyedRequest<C, U>(core: Core<C, U>, client: C): void {
  const member = ignored(core, client, OF_REQUESTS);
  if (member === undefined) return;
  throw refused(
    new AuthorizationError('This client needs what the server does not support', 'unauthorized_client'),
    member,
  );
}

/** The same at the token endpoint. @throws TokenError `unauthorized_client` */
export function requireObeyedToken<C, U>(core: Core<C, U>, client: C): void {
  const member = ignored(core, client, OF_TOKENS);
  if (member === undefined) return;
  throw refused(new TokenError('This client needs what the server does not support', 'unauthorized_client'), member);
}

/** The same at registration: otherwise the client would be refused at its first request. @throws OAuth2Error `invalid_client_metadata` */
export function requireObeyedMetadata<C, U>(core: Core<C, U>, metadata: object): void {
  const member = ignored(core, metadata, OF_REQUESTS);
  if (member === undefined) return;
  throw refused(invalidMetadata(`${member} is not supported`), member);
}
