/** One keep-alive connection with its cookies: a virtual user. As lean as undici can be, so that the server is the bottleneck. */
import type { IncomingHttpHeaders } from 'node:http';
import { Client } from 'undici';

export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

export interface Answer {
  readonly sent: Sent;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const FORM = 'application/x-www-form-urlencoded';

function exchange(client: Client, sent: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let body = '';
    client.dispatch(
      { ...sent, body: sent.body ?? null },
      {
        onRequestStart() {},
        onResponseStart(_, statusCode, received) {
          status = statusCode;
          headers = received;
        },
        onResponseData(_, chunk) {
          body += chunk.toString('latin1'); // all that is answered here is ASCII
        },
        onResponseEnd() {
          resolve({ sent, status, headers, body });
        },
        onResponseError(_, error) {
          reject(error);
        },
      },
    );
  });
}

export class Connection {
  readonly #client: Client;
  readonly #cookies = new Map<string, string>();

  /** @param origin such as `http://127.0.0.1:3000` */
  constructor(origin: string) {
    this.#client = new Client(origin, { pipelining: 1, keepAliveTimeout: 600_000 });
  }

  /** A request of a program: no cookies. */
  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return exchange(this.#client, { method: 'GET', path, headers });
  }

  /** The same with a form. */
  post(path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
    return exchange(this.#client, { method: 'POST', path, headers: { ...headers, 'content-type': FORM }, body });
  }

  /** A request of the browser. */
  async visit(path: string): Promise<Answer> {
    return this.#keep(await this.get(path, this.#cookieHeader()));
  }

  /** The browser sends a form. */
  async submit(path: string, body: string): Promise<Answer> {
    return this.#keep(await this.post(path, body, this.#cookieHeader()));
  }

  close(): Promise<void> {
    return this.#client.destroy();
  }

  #cookieHeader(): Record<string, string> {
    if (this.#cookies.size === 0) return {};
    return { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  #keep(answer: Answer): Answer {
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
      // undici gives one alone as a string
      const [pair = ''] = cookie.split(';', 1);
      const [name = ''] = pair.split('=', 1);
      const value = pair.slice(name.length + 1);
      if (value && !/expires=Thu, 01 Jan 1970/i.test(cookie)) this.#cookies.set(name, value);
      else this.#cookies.delete(name);
    }
    return answer;
  }
}
