import type { Core, Layer } from '../core.js';
import { responseTypeKey } from '../http/response-type.js';

/** What was registered for a response type, and for all of them, in order. */
export function layersFor<H>(layers: readonly Layer<H>[], type: string): H[] {
  const key = responseTypeKey(type);
  return layers.filter((layer) => layer.type === undefined || layer.type === key).map((layer) => layer.handle);
}

/** Whether something was registered for just this response type. */
export function isRegistered<C, U>(core: Core<C, U>, type: string): boolean {
  const key = responseTypeKey(type);
  return [...core.responders, ...core.requestParsers].some((layer) => layer.type === key);
}
