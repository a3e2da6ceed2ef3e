/** HTTP/1.1 by hand, for clients that do what no HTTP library does. */
import type { EventEmitter } from 'node:events';
import { connect, type Socket } from 'node:net';

/** As `once` of node:events, but an error is no reason not to wait. */
export function next(emitter: EventEmitter, name: string): Promise<unknown> {
  return new Promise((resolve) => emitter.once(name, resolve));
}

/** A client that reads what it is answered, unless it is told not to. */
export class Peer {
  readonly socket: Socket;
  received = '';
  readonly closed: Promise<unknown>;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setNoDelay().setEncoding('latin1');
    this.socket.on('error', () => {}); // that the server hangs up is what many of these tests are about
    this.closed = next(this.socket, 'close');
    this.socket.on('data', (text) => {
      this.received += text;
    });
    this.socket.on('end', () => this.socket.end());
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  /** All answers that are whole. */
  get answers(): readonly { readonly status: number; readonly head: string; readonly body: string }[] {
    const answers = [];
    for (let rest = this.received; ; ) {
      const end = rest.indexOf('\r\n\r\n') + 4;
      const [, status = ''] = /^HTTP\/1\.1 (\d+)/.exec(rest) ?? [];
      const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(rest.slice(0, end)) ?? [];
      if (end < 4 || rest.length < end + Number(length)) return answers;
      answers.push({ status: Number(status), head: rest.slice(0, end), body: rest.slice(end, end + Number(length)) });
      rest = rest.slice(end + Number(length));
    }
  }

  get statuses(): readonly number[] {
    return this.answers.map(({ status }) => status);
  }

  /** Waits for so many answers, or for the end. */
  async answered(count = 1): Promise<this> {
    while (this.answers.length < count && !this.socket.closed)
      await Promise.race([next(this.socket, 'data'), this.closed]);
    return this;
  }
}
