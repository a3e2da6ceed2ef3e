import type { EventEmitter } from 'node:events';
import { toError } from './to-oauth2-error.js';

/** Reports the failure of a listener to the operator, as a process warning. The request goes on. */
function warn(thrown: unknown): void {
  process.emitWarning(toError(thrown));
}

/**
 * Calls every listener of an event. With `emit`, a listener that throws would stop the other listeners and the request, and one that
 * returns a rejected promise would end the process. Here both become a process warning.
 */
export function tell(emitter: EventEmitter, name: string, ...args: readonly unknown[]): void {
  for (const listener of emitter.rawListeners(name)) {
    try {
      Promise.resolve(listener.apply(emitter, args)).catch(warn);
    } catch (error) {
      warn(error);
    }
  }
}

/** Reports an error to the operator, by Koa's `error` event. */
export function tellError(app: EventEmitter, error: Error, ctx: unknown): void {
  if (app.listenerCount('error') === 0) warn(error); // Koa adds its own listener when the server starts, but it may have been removed
  tell(app, 'error', error, ctx);
}
