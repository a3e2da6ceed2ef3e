import type { Middleware } from 'koa';
import type { Exchange } from '../plugs.js';
import type { Registry } from '../registry/registry.js';

/** Implements the forms of `server.exchange`: (exchange), (named function), (type, exchange or function). */
export function registerExchange<C, U>(registry: Registry<C, U>, [first, second]: readonly unknown[]): void {
  const isTyped = typeof first === 'string' || first === null;
  const handle = (isTyped ? second : first) as Exchange<C> | Middleware | null | undefined;
  const name = isTyped ? first : handle?.name;
  const type = name === '*' || name === null ? undefined : name;
  const isExchange = typeof handle === 'object' && handle !== null;
  if (isExchange && typeof handle.redeem !== 'function')
    throw new TypeError('server.exchange needs an exchange: write server.exchange(exchange.code(tokens.code)), say');
  if (isExchange && type) registry.addExchange({ ...handle, name: type, stepsFor: handle.stepsFor ?? handle.name });
  else if (isExchange || (typeof handle === 'function' && type !== '')) registry.addExchanger(type, handle);
  else throw new TypeError('server.exchange requires an exchange, or a type and a middleware');
}
