/**
 * Passes data from the handler of a form to the next page. Forms are answered by redirects, so that Back and Reload in a browser never send a form again. The
 * data for the next page are in the storage, and not in the URL, which browsers and proxies keep. They are encrypted with the key of the session, so that a
 * reader of the storage learns nothing, and no other browser can read them.
 */
import { createCipheriv, createDecipheriv, hash, randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import { sessionKey, type WithSession } from './sessions.js';
import { type Documents, keyOf } from './storage/index.js';

type PageContext = Context & WithSession;

export interface NextPage {
  /** Stores a value. @returns its ID, for the URL of the next page */
  leave(ctx: PageContext, value: object): Promise<string>;
  /** Reads a value, as often as the page is loaded. @param id from the URL: any text */
  look<T>(ctx: PageContext, id: unknown): Promise<T | undefined>;
  /** Reads and removes a value. Of concurrent calls, also in different processes, one gets it. */
  take<T>(ctx: PageContext, id: unknown): Promise<T | undefined>;
}

/** Seconds for which a value is kept. */
const LIFETIME = 600;
const CIPHER = 'aes-256-gcm';
const [IV, TAG] = [12, 16];

/** The encryption key: a hash of the session's key that differs from all hashes in the storage. */
const sealedBy = (ctx: PageContext): Buffer => hash('sha256', `next page ${sessionKey(ctx)}`, 'buffer');

function seal(value: object, key: Buffer): string {
  const iv = randomBytes(IV);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG });
  const sealed = [cipher.update(JSON.stringify(value)), cipher.final()];
  return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]).toString('base64url');
}

function open(sealed: string, key: Buffer): unknown {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV), { authTagLength: TAG });
  decipher.setAuthTag(bytes.subarray(IV, IV + TAG));
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(IV + TAG)), decipher.final()]).toString());
}

export function nextPage(documents: Documents): NextPage {
  const placeOf = (ctx: PageContext, id: unknown): string => keyOf('next page', sessionKey(ctx), String(id));
  const look = async <T>(ctx: PageContext, id: unknown): Promise<T | undefined> => {
    const sealed = id === undefined ? undefined : await documents.get(placeOf(ctx, id));
    return typeof sealed === 'string' ? (open(sealed, sealedBy(ctx)) as T) : undefined;
  };
  return {
    async leave(ctx, value) {
      const id = randomBytes(16).toString('base64url');
      await documents.set(placeOf(ctx, id), seal(value, sealedBy(ctx)), LIFETIME);
      return id;
    },
    look,
    async take<T>(ctx: PageContext, id: unknown) {
      const found = await look<T>(ctx, id);
      return found !== undefined && (await documents.remove(placeOf(ctx, id))) ? found : undefined;
    },
  };
}
