/** Asks another server, which may be slow, or answer without end. */

/** What is asked of a `fetch`: the platform's will do, and so will one that refuses addresses of the inner network. */
export type Fetch = (url: string, request: RequestInit) => Promise<Response>;

export interface FetchLimits {
  readonly fetch: Fetch;
  /** Seconds in which a whole answer must have come. */
  readonly timeout: number;
}

export interface FetchedText {
  readonly status: number;
  /** Empty where the status is not 200. */
  readonly text: string;
}

/** Bytes, after decompression: far more than metadata, keys or an introspected token need. */
const LARGEST = 64 * 1024;

/** Timers take no more than 24 days. */
const LONGEST_TIMEOUT = 2_000_000;

/** @throws TypeError for what is no time that can be waited for */
export function requireTimeout(name: string, seconds: number): void {
  if (!(seconds > 0 && seconds <= LONGEST_TIMEOUT))
    throw new TypeError(`${name} is a number of seconds, not ${seconds}`);
}

/** Counts what comes, whatever was announced. */
async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST) throw new Error(`The answer is larger than ${LARGEST} bytes`); // which ends the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function ask(fetch: Fetch, url: string, request: RequestInit): Promise<FetchedText> {
  // nobody else is to be asked, or told
  const response = await fetch(url, { ...request, redirect: 'manual', credentials: 'omit' });
  return { status: response.status, text: response.status === 200 ? await readText(response) : '' };
}

/** Fetches within limits of time and size, and follows no redirects. @throws Error when there is no whole answer */
export async function fetchText(url: string, request: RequestInit, limits: FetchLimits): Promise<FetchedText> {
  const { fetch, timeout } = limits;
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${timeout} s`)), timeout * 1000);
  });
  try {
    return await Promise.race([ask(fetch, url, { ...request, signal: end.signal }), late]); // a fetch may not heed its signal
  } finally {
    clearTimeout(timer);
    end.abort(); // whatever is still coming
  }
}
