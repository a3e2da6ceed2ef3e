import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'koa';

/**
 * A token for forms, so that no other site can send them (CSRF): the hash of a cookie of this browser. It is not in the session, so that no session
 * is stored for a browser that only loads the page.
 */
export function csrfOf({ cookies }: Pick<Context, 'cookies'>): string {
  const known = cookies.get('form');
  const secret = known ?? randomBytes(32).toString('base64url');
  if (!known) cookies.set('form', secret, { sameSite: 'lax' });
  return createHash('sha256').update(secret).digest('base64url');
}
