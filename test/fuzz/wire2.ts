/** The same requests in HTTP/2, as far as it has them: one connection, and one stream for each. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2';
import type { Answer } from './answer.js';
import type { Sent } from './render.js';
import type { Exchanged } from './wire.js';

/** RFC 9113 §8.2.2: what belongs to a connection of HTTP/1.1. */
const OF_CONNECTIONS =
  /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade|te|http2-settings|content-length|host)$/;
const NAME = /^[a-z0-9-]+$/;
const VALUE = /^[!-~]([ -~]*[!-~])?$/;

/** Milliseconds in which everything must have come: nothing takes a thousandth of it. */
const PATIENCE = 10_000;

/** What HTTP/2 and its library take of a request; the rest is left out. */
function headersOf({ draft, target, type, body }: Sent): OutgoingHttpHeaders {
  if (draft.method === 'CONNECT') return { ':method': 'CONNECT', ':authority': 'as.example:443' }; // RFC 9113 §8.5
  const headers: OutgoingHttpHeaders = {
    ':method': draft.method,
    ':path': target,
    ':authority': 'as.example',
    ':scheme': 'http',
  };
  const all = [...draft.headers, ...(type === undefined ? [] : [['content-type', type] as const])];
  for (const [name, value] of all) {
    const key = name.toLowerCase();
    if (NAME.test(key) && VALUE.test(value) && !OF_CONNECTIONS.test(key)) headers[key] ??= value;
  }
  if (draft.framing === 'length' && body.length > 0) headers['content-length'] = body.length;
  return headers;
}

/** Whether it has to be answered: what is odd is refused by the library, without an answer. */
export function isPlain({ draft, target }: Sent): boolean {
  return /^\/[!-~]*$/.test(target) && /^[A-Z]+$/.test(draft.method) && draft.method !== 'CONNECT';
}

function toAnswer(received: Readonly<Record<string, unknown>>, text: string): Answer {
  const headers = Object.entries(received).flatMap(([name, value]) =>
    name.startsWith(':') ? [] : [value].flat().map((one) => [name, String(one)] as const),
  );
  const all = (name: string): readonly string[] => headers.flatMap(([one, value]) => (one === name ? [value] : []));
  return {
    status: Number(received[':status']),
    headers,
    text,
    all,
    get: (name) => (all(name).length === 1 ? all(name)[0] : undefined),
  };
}

function receive(stream: ClientHttp2Stream): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    let head: Readonly<Record<string, unknown>> | undefined;
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => reject(new Error('It hangs, in HTTP/2')), PATIENCE);
    stream.on('error', () => {}); // a reset is an answer, too
    stream.on('response', (headers) => {
      head = headers;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    const finish = (): void => {
      clearTimeout(timer);
      resolve(head && toAnswer(head, String(Buffer.concat(chunks))));
      if (!stream.writableFinished) stream.destroy(); // the server does not want the rest of the body
    };
    stream.on('end', finish).on('close', finish);
  });
}

/** There and back: what was sent before has arrived. */
function ping(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('It hangs, in HTTP/2, at a ping')), PATIENCE);
    const finish = (): void => {
      clearTimeout(timer);
      session.off('close', finish);
      resolve();
    };
    session.on('close', finish);
    if (session.destroyed || !session.ping(finish)) finish();
  });
}

export class Wire2 {
  readonly #port: number;
  #session: ClientHttp2Session | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  #open(): ClientHttp2Session {
    if (!this.#session || this.#session.closed || this.#session.destroyed)
      this.#session = connect(`http://127.0.0.1:${this.#port}`).on('error', () => {});
    return this.#session;
  }

  /** @throws Error when nothing comes, nor the end */
  async send(sent: Sent): Promise<Exchanged> {
    const session = this.#open();
    const exchanged = await this.#exchange(session, sent);
    // Node ends a connection on which many streams were reset, as those that were cut off are
    const isOver = exchanged.isClosed && (session.closed || session.destroyed);
    return isOver ? this.#exchange(this.#open(), sent) : exchanged;
  }

  async #exchange(session: ClientHttp2Session, sent: Sent): Promise<Exchanged> {
    const stream = session.request(headersOf(sent), { endStream: false }); // a GET may have a body, too
    const received = receive(stream);
    if (sent.body.length > 0) stream.end(sent.body);
    else stream.end();
    const answer = await received;
    return { answers: answer ? [answer] : [], rest: Buffer.alloc(0), isClosed: answer === undefined };
  }

  /** All of a body, and no end: the stream is reset. Waits until the server has seen it. */
  async cut(sent: Sent): Promise<void> {
    const session = this.#open();
    const { 'content-length': _, ...headers } = headersOf(sent);
    const stream = session.request(headers, { endStream: false });
    stream.on('error', () => {}).on('data', () => {});
    stream.write(sent.body.length > 0 ? sent.body : 'a=b');
    await ping(session);
    stream.destroy();
    for (let turns = 0; turns < 3; turns += 1) await ping(session);
  }

  close(): void {
    this.#session?.destroy();
  }
}
