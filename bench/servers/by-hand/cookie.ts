/** A session in a signed cookie, for the server without a framework. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from './dialog.js';

const key = randomBytes(32);

const sign = (text: string): Buffer => createHmac('sha256', key).update(text).digest();

export function readSession({ headers }: IncomingMessage): Session {
  const [, text, signature = ''] = /(?:^|; )session=([\w-]+)\.([\w-]{43})(?:;|$)/.exec(headers.cookie ?? '') ?? [];
  if (text === undefined || !timingSafeEqual(sign(text), Buffer.from(signature, 'base64url'))) return {};
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Session;
}

export function writeSession(response: ServerResponse, session: Session): void {
  const text = Buffer.from(JSON.stringify(session)).toString('base64url');
  const signature = sign(text).toString('base64url');
  response.setHeader('Set-Cookie', `session=${text}.${signature}; path=/; httponly; samesite=lax`);
}
