/** The response with a registration. @see RFC 7591 §3.2.1, RFC 7592 §3 */
import type { Context } from 'koa';
import type { Core } from '../../core.js';
import { answerJSON } from '../../http/json.js';
import type { Told } from './credentials.js';
import { configurationURL } from './places.js';
import type { RegisteredClient } from './registered.js';

/** Members that are stored with a registration, and never sent. */
const UNTOLD: ReadonlySet<string> = new Set<keyof RegisteredClient>([
  ...(['client_secret_hash', 'registration_access_token_hash'] as const),
  ...(['registration_version', 'registration_unused_until'] as const),
]);

/** RFC 7591 §3.2.1: all registered members, also defaults and values that the server has replaced. */
export function answerRegistration<C, U>(ctx: Context, core: Core<C, U>, client: RegisteredClient, told: Told): void {
  const members = Object.entries(client).filter(([name]) => !UNTOLD.has(name));
  const isManaged = client.registration_access_token_hash !== undefined;
  const registration_client_uri = isManaged ? configurationURL(core, client.client_id) : undefined;
  answerJSON(ctx, { ...Object.fromEntries(members), ...told, registration_client_uri });
}
