/** Sessions of express-session in a store with a latency. */
import { type SessionData, Store } from 'express-session';
import { Records } from './records.js';

export class SlowSessions extends Store {
  readonly #records = new Records<string>();

  get(id: string, done: (error: unknown, session?: SessionData | null) => void): void {
    this.#records.get(id).then((found) => done(null, found === undefined ? null : JSON.parse(found)), done);
  }

  set(id: string, session: SessionData, done: (error?: unknown) => void = () => {}): void {
    this.#records.put(id, JSON.stringify(session)).then(() => done(), done);
  }

  destroy(id: string, done: (error?: unknown) => void = () => {}): void {
    this.#records.take(id).then(() => done(), done);
  }
}
