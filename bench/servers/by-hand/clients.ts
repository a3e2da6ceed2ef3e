import { timingSafeEqual } from 'node:crypto';
import { type App, apps } from '../clients.js';
import { ProtocolError } from './protocol-error.js';

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The name and the secret are form-encoded. @see RFC 6749 §2.3.1 */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ProtocolError(401, 'invalid_client');
  }
}

/** The client that authenticates by Basic. @throws ProtocolError */
export function authenticate(header: string | undefined): App {
  const [, encoded] = /^Basic +(.+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) throw new ProtocolError(401, 'invalid_client');
  const credentials = Buffer.from(encoded, 'base64').toString();
  const colon = credentials.indexOf(':');
  const app = apps.get(decode(credentials.slice(0, colon)));
  if (!app || !isSame(decode(credentials.slice(colon + 1)), app.client_secret))
    throw new ProtocolError(401, 'invalid_client');
  return app;
}
