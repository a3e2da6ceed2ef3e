import type { EventEmitter } from 'node:events';
import { toError } from './to-oauth2-error.js';

/** A listener's own failure, for the operator: the request that it was told of goes on as if it had not failed. */
function warn(thrown: unknown): void {
  process.emitWarning(toError(thrown));
}

/**
 * Calls every listener of an event. In contrast to `emit`, one that throws stops neither the others nor whoever tells, and a promise
 * that is rejected does not end the process: both become a process warning.
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

/** Tells Koa's `error` event, which is where the operator listens. */
export function tellError(app: EventEmitter, error: Error, ctx: unknown): void {
  if (app.listenerCount('error') === 0) warn(error); // Koa adds a listener of its own, unless somebody removed it
  tell(app, 'error', error, ctx);
}
