/** A virtual user with its cookies, however its requests get to the server. */
import type { IncomingHttpHeaders } from 'node:http';

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

/** The way of the requests to one server. */
export interface Carrier {
  carry(sent: Sent): Promise<Answer>;
  close(): Promise<void>;
}

export class Connection {
  readonly #carrier: Carrier;
  readonly #cookies = new Map<string, string>();

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
  }

  /** A request of a program: no cookies. */
  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#carrier.carry({ method: 'GET', path, headers });
  }

  /** The same with a form. */
  post(path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#carrier.carry({ method: 'POST', path, headers: { ...headers, 'content-type': FORM }, body });
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
    return this.#carrier.close();
  }

  #cookieHeader(): Record<string, string> {
    if (this.#cookies.size === 0) return {};
    return { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  #keep(answer: Answer): Answer {
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
      // one alone may be a string
      const [pair = ''] = cookie.split(';', 1);
      const [name = ''] = pair.split('=', 1);
      const value = pair.slice(name.length + 1);
      if (value && !/expires=Thu, 01 Jan 1970/i.test(cookie)) this.#cookies.set(name, value);
      else this.#cookies.delete(name);
    }
    return answer;
  }
}
