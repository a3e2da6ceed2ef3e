/** An authorization that has been in use for long: many tokens that end together. */
import { webApp } from '../servers/clients.js';
import { AT_ONCE, costOf, meanOf, medianCost, warmUp } from './cost.js';
import type { Cost, FamilyCost } from './protocol.js';
import { connect, type Pair, refresh, type Tokens } from './subject.js';

/** Each is revoked once. */
const FAMILIES = 15;

async function newFamily(tokens: Tokens, size: number): Promise<Pair[]> {
  let pair = await connect(tokens, `head of ${size}`);
  const pairs = [pair];
  while (pairs.length < size / 2) {
    pair = await refresh(tokens, pair);
    pairs.push(pair);
  }
  return pairs;
}

/** @throws Error when it is not so */
async function requireActive(tokens: Tokens, token: string, expected: 'active' | 'gone'): Promise<void> {
  const { active } = await tokens.introspect(token, webApp);
  if (active !== (expected === 'active')) throw new Error(`A token is not ${expected}`);
}

/** @throws Error when a member is left */
async function revoke(tokens: Tokens, family: readonly Pair[]): Promise<Cost> {
  const [first] = family;
  if (!first) throw new Error('No family');
  const cost = await costOf(() => tokens.revoke(first.refresh, webApp));
  for (const { access, refresh } of family) {
    await requireActive(tokens, access, 'gone');
    await requireActive(tokens, refresh, 'gone');
  }
  return cost;
}

export interface FamilyEffort {
  readonly batches: number;
  /** Of warming up. */
  readonly milliseconds: number;
}

/** What it costs to ask about a member, and to end all of them. */
export async function measureFamily(
  tokens: Tokens,
  size: number,
  { batches, milliseconds }: FamilyEffort,
): Promise<FamilyCost> {
  const families: Pair[][] = [];
  for (let i = 0; i < FAMILIES; i++) families.push(await newFamily(tokens, size));
  const asking = Array.from({ length: AT_ONCE }, (_, i) => async () => {
    const [first] = families[i % FAMILIES] ?? []; // as many tokens, however large their families
    await requireActive(tokens, first?.access ?? '', 'active');
  });
  await warmUp({ prepare: async () => asking }, milliseconds);
  const introspect = await meanOf({ prepare: async () => asking }, batches);
  const costs: Cost[] = [];
  for (const family of families) costs.push(await revoke(tokens, family));
  return { size, introspect, revoke: medianCost(costs) };
}
