/** Fetches from another server, which may be slow or send without end. */
import { requireSeconds } from '../options.js';

/** The part of `fetch` that is used: the platform's own, or one that refuses addresses of the internal network (SSRF). */
export type Fetch = (url: string, request: RequestInit) => Promise<Response>;

interface FetchLimits {
  readonly fetch: Fetch;
  /** Seconds within which the whole response must have arrived. */
  readonly timeout: number;
  /** The most bytes that a response may have. Default 64 KiB. */
  readonly maxBytes?: number;
}

interface FetchedText {
  readonly status: number;
  readonly headers: Headers;
  /** Empty if the status is not 200. */
  readonly text: string;
}

/** Counted after decompression. Far more than metadata, keys or an answer about a token need. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** The answer is larger than was allowed. */
export class TooLargeError extends Error {
  override name = 'TooLargeError';

  constructor(maxBytes: number) {
    super(`The answer is larger than ${maxBytes} bytes`);
  }
}

/** `setTimeout` takes no more than 2^31 - 1 ms, about 24 days. */
const MAX_TIMEOUT_SECONDS = 2_000_000;

/** @throws TypeError for a timeout that is not a number of seconds, is not positive, or is too long for a timer */
export function requireTimeout(name: string, seconds: unknown): void {
  requireSeconds(name, seconds, 0.001, MAX_TIMEOUT_SECONDS);
}

/** Counts the bytes that arrive: Content-Length may be absent or wrong, and counts before decompression. */
async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new TooLargeError(maxBytes); // this also cancels the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function ask(
  url: string,
  request: RequestInit,
  { fetch, maxBytes = MAX_ANSWER_BYTES }: FetchLimits,
): Promise<FetchedText> {
  // A redirect or a cookie could send the request, or its secrets, to a party that was not configured
  const response = await fetch(url, { ...request, redirect: 'manual', credentials: 'omit' });
  const { status, headers } = response;
  return { status, headers, text: status === 200 ? await readText(response, maxBytes) : '' };
}

/** Fetches within limits of time and size, and follows no redirects. @throws Error if no complete response arrives */
export async function fetchText(url: string, request: RequestInit, limits: FetchLimits): Promise<FetchedText> {
  const { timeout } = limits;
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${timeout} s`)), timeout * 1000);
  });
  try {
    return await Promise.race([ask(url, { ...request, signal: end.signal }, limits), late]); // a custom fetch may ignore its signal
  } finally {
    clearTimeout(timer);
    end.abort(); // ends a transfer that is still going on
  }
}
