/** HTTP/2 by hand, without TLS: frames in whatever order, which no client library sends. @see RFC 9113 §4.1, §6 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'; // RFC 9113 §3.4

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const GOAWAY = 7;

const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;

/** RFC 9113 §7 */
export const CANCEL = 8;
export const NO_ERROR = 0;

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** RFC 7541 §5.1, with a prefix of 7 bits. */
function integer(value: number): Buffer {
  const bytes = [Math.min(value, 127)];
  if (value >= 127) {
    let rest = value - 127;
    for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
  }
  return Buffer.from(bytes);
}

/** RFC 7541 §6.2.2: a literal without indexing, with a new name, each one byte for each character. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([integer(bytes.length), bytes]);
}

export type Headers = readonly (readonly [name: string, value: string])[];

function encode(headers: Headers): Buffer {
  return Buffer.concat(headers.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]));
}

export const headersFrame = (stream: number, headers: Headers, isLast: 'last' | 'more' = 'more'): Buffer =>
  frame(HEADERS, END_HEADERS | (isLast === 'last' ? END_STREAM : 0), stream, encode(headers));

export const dataFrame = (stream: number, data: string | Buffer, isLast: 'last' | 'more' = 'more'): Buffer =>
  frame(DATA, isLast === 'last' ? END_STREAM : 0, stream, Buffer.from(data));

/** @param code RFC 9113 §7 */
export function resetFrame(stream: number, code = CANCEL): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(code);
  return frame(RST_STREAM, 0, stream, payload);
}

/** One connection. What the server sends is read, so that it can go on, and told by stream. */
export class Peer2 {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  /** Streams whose answer has ended, or that were reset by the server, each with the bytes of its DATA frames. */
  readonly ended = new Map<number, Buffer>();
  /** Streams that had HEADERS of the server's. */
  readonly answered = new Set<number>();
  isGoingAway = false;
  #rest: Buffer = Buffer.alloc(0);
  readonly #bodies = new Map<number, Buffer[]>();

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => {}); // that the server hangs up is an answer, too
    this.closed = once(this.socket, 'close').catch(() => {});
    this.socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.send(Buffer.from(PREFACE), frame(SETTINGS, 0, 0, Buffer.alloc(0)));
  }

  /** In one write. */
  send(...frames: readonly Buffer[]): this {
    this.socket.write(Buffer.concat(frames));
    return this;
  }

  /** Waits for the end of a stream, or of the connection. */
  async end(stream: number): Promise<Buffer | undefined> {
    while (!this.ended.has(stream) && !this.socket.closed)
      await Promise.race([once(this.socket, 'data').catch(() => {}), this.closed]);
    return this.ended.get(stream);
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 9) {
      const end = 9 + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < end) return;
      const [type = 0, flags = 0] = this.#rest.subarray(3, 5);
      this.#take(type, flags, this.#rest.readUInt32BE(5) & 0x7fffffff, this.#rest.subarray(9, end));
      this.#rest = this.#rest.subarray(end);
    }
  }

  #take(type: number, flags: number, stream: number, payload: Buffer): void {
    if (type === SETTINGS && !(flags & ACK)) this.send(frame(SETTINGS, ACK, 0, Buffer.alloc(0)));
    if (type === GOAWAY) this.isGoingAway = true;
    if (type === HEADERS) this.answered.add(stream);
    const body = this.#bodies.get(stream) ?? [];
    if (type === DATA) this.#bodies.set(stream, [...body, payload]);
    const isEnd = type === RST_STREAM || ((type === DATA || type === HEADERS) && flags & END_STREAM);
    if (isEnd) this.ended.set(stream, Buffer.concat(this.#bodies.get(stream) ?? []));
  }
}
