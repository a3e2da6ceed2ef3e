/** Asks the examined server, within limits of time and size. */
import { createServer, type IncomingMessage, type RequestOptions, request as requestHTTP } from 'node:http';
import { request as requestHTTPS } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ExaminedApp } from './target.js';

/** A request to send. */
export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A response. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body, cut off at the limit. */
  readonly text: string;
}

/** Sends a request to a URL of the server. Resolves to undefined if no answer comes. */
export type Ask = (url: string, question?: Question) => Promise<Answer | undefined>;

/** In bytes. Key sets and metadata are far smaller. */
const MAX_BYTES = 256 * 1024;

/** Reads up to the limit, so that a server that sends without end does not hold the doctor. */
async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES).toString('utf8');
}

interface Sending {
  readonly to: URL;
  readonly options: RequestOptions;
  readonly timeout: number;
  /** Called with the reason if no answer comes. */
  readonly failed: (error: Error) => void;
}

const isHTTP = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:';

/** Follows no redirect, and keeps no cookie. */
function send(url: string, { body }: Question, { to, options, timeout, failed }: Sending): Promise<Answer | undefined> {
  const request = to.protocol === 'https:' ? requestHTTPS : requestHTTP;
  return new Promise((resolve) => {
    const fail = (error: Error) => {
      failed(error);
      resolve(undefined);
    };
    if (!isHTTP(to)) return resolve(undefined); // metadata may name a URL of another scheme
    const signal = AbortSignal.timeout(timeout * 1000);
    const sent = request(to, { ...options, signal, agent: false }, (message) => {
      const { statusCode: status = 0, headers } = message;
      textOf(message).then((text) => resolve({ url, status, headers, text }), fail);
    });
    sent.once('error', fail).end(body);
  });
}

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

function optionsOf(
  { method = 'GET', headers, body }: Question,
  more: Readonly<Record<string, string>>,
): RequestOptions {
  const length = body === undefined ? {} : { ...FORM, 'Content-Length': String(Buffer.byteLength(body)) };
  return { method, headers: { ...length, ...headers, ...more } };
}

/** The server that the doctor asks. */
export interface Asked {
  readonly ask: Ask;
  /** Why the first request that got no answer failed. */
  readonly failure: () => Error | undefined;
  stop(): Promise<void>;
}

/** Asks over the network. @param timeout seconds */
export function askOutside(timeout: number): Asked {
  let first: Error | undefined;
  const failed = (error: Error): void => {
    first ??= error;
  };
  return {
    ask: (url, question = {}) =>
      send(url, question, { to: new URL(url), options: optionsOf(question, {}), timeout, failed }),
    failure: () => first,
    stop: async () => {},
  };
}

/** Replaces the error log: the requests are wrong on purpose. */
const unheard = (): void => {};

/** Starts the application on a free port, and sends it the headers that a proxy in front of it would send. @param timeout seconds */
export async function askInside(app: ExaminedApp, timeout: number): Promise<Asked> {
  app.on?.('error', unheard);
  const http = createServer(app.callback());
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = http.address() as AddressInfo;
  return {
    ask: (url, question = {}) => {
      const { host, protocol, pathname, search } = new URL(url);
      const proxied = { Host: host, 'X-Forwarded-Proto': protocol.slice(0, -1), 'X-Forwarded-For': '127.0.0.1' };
      const to = new URL(`http://127.0.0.1:${port}${pathname}${search}`);
      return send(url, question, { to, options: optionsOf(question, proxied), timeout, failed: unheard });
    },
    failure: () => undefined, // the application runs in this process
    stop: () =>
      new Promise((resolve) => {
        app.off?.('error', unheard);
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

/** A JSON object, or undefined. */
export function objectIn(answer: Answer | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(answer?.text ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as object as never)
      : undefined;
  } catch {
    return undefined;
  }
}
