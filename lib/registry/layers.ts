import type { Core, Layer } from '../core.js';
import { responseTypeKey } from '../syntax/response-type.js';

/** Whether a layer is for a type. */
function isFor(layer: Layer<unknown>, key: string): boolean {
  return layer.type === undefined || layer.type === key;
}

/** The first handle that was registered for a type, or for all types. */
export function firstHandleFor<H>(layers: readonly Layer<H>[], key: string): H | undefined {
  return layers.find((layer) => isFor(layer, key))?.handle;
}

/** The handles that were registered for a type, or for all types, in the order of registration. */
export function handlesFor<H>(layers: readonly Layer<H>[], key: string): H[] {
  return layers.filter((layer) => isFor(layer, key)).map(({ handle }) => handle);
}

/** The same for a response type. The order of its words does not matter. */
export function layersFor<H>(layers: readonly Layer<H>[], type: string): H[] {
  return layers.length > 0 ? handlesFor(layers, responseTypeKey(type)) : [];
}

/** Whether a response written by hand may answer this response type. */
export function isAnsweredByHand<C, U>(core: Core<C, U>, type: string): boolean {
  const key = responseTypeKey(type);
  return core.responders.some((layer) => isFor(layer, key) && typeof layer.handle === 'function');
}

/** Whether a grant or a response by hand may answer this response type. A response for `'*'` may answer any. */
export function isRegistered<C, U>(core: Core<C, U>, type: string): boolean {
  const key = responseTypeKey(type);
  const isOfType = (layer: Layer<unknown>): boolean => layer.type === key;
  const isForAll = ({ type }: Layer<unknown>): boolean => type === undefined;
  return core.responders.some((layer) => isOfType(layer) || isForAll(layer)) || core.requestParsers.some(isOfType);
}
