const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether a URL's host is this machine, to which http is as good as https: the one that somebody develops on. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.has(hostname);
}
