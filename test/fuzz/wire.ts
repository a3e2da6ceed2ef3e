/** A client that sends whatever bytes it is given, on a connection that stays open as long as both sides keep to HTTP. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Answer, readAnswers } from './answer.js';

export interface Message {
  readonly bytes: Buffer;
  /** Whether it is asked for by HEAD. */
  readonly isHead: boolean;
  /** Whether the server may take it for something else than one request: then it has a connection to itself. */
  readonly isOdd: boolean;
  /** Whether the server may wait for more: our side of the connection is closed behind it. */
  readonly isCut: boolean;
}

export interface Exchanged {
  readonly answers: readonly Answer[];
  /** What came that is no whole answer. */
  readonly rest: Buffer;
  readonly isClosed: boolean;
}

/** Bytes. A body parser that refuses more than that may leave the rest unread, and Node then waits for somebody to read it. */
const LARGE = 50_000;

/** Milliseconds in which everything must have come: nothing takes a thousandth of it. */
const PATIENCE = 30_000;

export class Wire {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  async #open(): Promise<Socket> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => {}); // a reset is a close
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    return socket;
  }

  /** @throws Error when no whole answer comes, nor the end, or when what comes is no HTTP */
  async send(message: Message): Promise<Exchanged> {
    const { isOdd } = message;
    const isReusable = !isOdd && this.#socket?.readyState === 'open';
    const socket = isReusable && this.#socket ? this.#socket : await this.#open();
    if (!isOdd) this.#socket = socket;
    const exchanged = await exchange(socket, message);
    const isLast =
      isOdd ||
      message.bytes.length > LARGE ||
      exchanged.isClosed ||
      exchanged.answers.some(({ get }) => get('connection') === 'close');
    if (isLast) {
      socket.destroy();
      if (!isOdd) this.#socket = undefined;
    }
    return exchanged;
  }

  close(): void {
    this.#socket?.destroy();
  }
}

function exchange(socket: Socket, { bytes, isHead, isOdd, isCut }: Message): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      then();
    };
    const finish = (isClosed: boolean): void => {
      try {
        const reading = readAnswers(received, isHead);
        if (isClosed || (reading.answers.length > 0 && (!isOdd || bytes.length > LARGE)))
          settle(() => resolve({ ...reading, isClosed }));
        else if (reading.answers.length > 0) socket.end(); // whatever else there is will come before the close
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const onData = (chunk: Buffer): void => {
      received = received.length ? Buffer.concat([received, chunk]) : chunk;
      finish(false);
    };
    const onClose = (): void => finish(true);
    const timer = setTimeout(
      () => settle(() => reject(new Error(`It hangs, after ${JSON.stringify(received.toString('latin1'))}`))),
      PATIENCE,
    );
    socket.on('data', onData).on('close', onClose);
    if (socket.destroyed) return onClose();
    if (isCut) socket.end(bytes);
    else socket.write(bytes);
  });
}

/** A GET that nothing is wrong with. */
export async function get(wire: Wire, target: string): Promise<Answer> {
  const bytes = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: as.example\r\n\r\n`);
  const { answers } = await wire.send({ bytes, isHead: false, isOdd: false, isCut: false });
  const [answer] = answers;
  if (!answer) throw new Error(`No answer to ${target}`);
  return answer;
}
