import { isLoopback } from '../http/loopback.js';

/** Whether nobody on the way can change what is fetched from there; http is for the machine one develops on. */
export function isSecureURL(url: string): boolean {
  if (!URL.canParse(url) || url.includes('#')) return false;
  const { protocol, hostname, username, password } = new URL(url);
  if (username || password) return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

/** Whether it is http, as on the machine that one develops on. */
export function isPlain(url: string): boolean {
  return new URL(url).protocol === 'http:';
}

/** @throws TypeError */
export function requireSecureURL(url: string, what: string): void {
  if (!isSecureURL(url))
    throw new TypeError(`${what} is an https URL, or http on this machine, without fragment and credentials`);
}
