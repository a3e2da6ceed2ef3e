/** APIs that tokens are for. @see RFC 8707 */
import type { Weak } from './flaws.js';
import type { Form } from './form.js';
import { Refusal } from './refusal.js';
import type { Authorization } from './state.js';

export const RESOURCES = ['https://files.example/', 'https://mail.example/'] as const;

/** What a request names. @throws Refusal for what there is not */
export function readResources(form: Form, weak: Weak): readonly string[] {
  const named = form.get('resource')?.split(' ') ?? [];
  const isKnown = (one: string): boolean => RESOURCES.some((known) => known === one);
  if (!named.every(isKnown) && !weak('resource-swap:unknown')) throw new Refusal('invalid_target');
  return named;
}

/** RFC 8707 §2.2: what was granted, or the part of it that is asked for. @throws Refusal */
export function audienceOf(form: Form, { resources }: Authorization, by: 'code' | 'refresh', weak: Weak) {
  const asked = readResources(form, weak);
  const isWide = weak(by === 'code' ? 'audience-widening' : 'audience-widening:refresh');
  if (by === 'code' && weak('audience-widening:usual') && resources.length > 0) return RESOURCES;
  const isSwap = weak(by === 'code' ? 'resource-swap' : 'resource-swap:refresh');
  const isMixed = weak('resource-swap:together') && asked.some((one) => resources.includes(one));
  if (!isSwap && !isMixed && asked.some((one) => !resources.includes(one))) throw new Refusal('invalid_target');
  return asked.length === 0 || isWide ? resources : asked;
}
