import type { Grant, GrantModule } from '../plugs.js';
import type { Registry } from '../registry/registry.js';
import { requireCallback } from '../registry/shape.js';
import { responseTypeKey } from '../syntax/response-type.js';
import { combined } from './combined.js';

type Module<C, U> = Grant<C, U> | Omit<GrantModule, 'name'>;

function registerModule<C, U>(registry: Registry<C, U>, name: string, module: Module<C, U>): void {
  if (module.issue) {
    // RFC 6749 §4.1.2, §4.2.2: the response type decides whether the response goes into the query or the fragment
    if (name === '*') throw new TypeError("A grant answers one response type: '*' is for functions by hand");
    registry.addGrant({ ...module, name });
    return;
  }
  registry.addByHand(name === '*' ? undefined : responseTypeKey(name), module);
}

function registerPhase<C, U>(registry: Registry<C, U>, type: string, phase: string, handle: unknown): void {
  if (!['request', 'response', 'error'].includes(phase)) throw new TypeError(`server.grant knows no phase ${phase}`);
  requireCallback('server.grant', `a function for the phase ${phase}`, handle);
  registerModule(registry, type, { [phase]: handle });
}

/** Implements the forms of `server.grant`: (module), (type, module), (type, phase?, fn), and only the name of a combination. */
export function registerGrant<C, U>(registry: Registry<C, U>, [first, second, third]: readonly unknown[]): void {
  const type: unknown = typeof first === 'object' ? (first as GrantModule | null)?.name : String(first);
  if (typeof type !== 'string')
    throw new TypeError('server.grant needs a grant: write server.grant(grant.code(tokens.code)), say');
  const module = typeof first === 'object' ? first : second;
  if (typeof module === 'object') registerModule(registry, type, module as Module<C, U>);
  else if (module === undefined) registry.addGrant(combined(type, registry.grantsOf(type)));
  else if (typeof module === 'function') registerPhase(registry, type, 'request', module);
  else registerPhase(registry, type, String(module), third);
}
