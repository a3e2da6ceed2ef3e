import assert from 'node:assert/strict';
import type Koa from 'koa';
import type { Pool } from 'pg';
import { type Page, pages, write } from './pages.js';

interface Recipes {
  redisSessions(koa: Koa, url: string): Promise<{ close(): Promise<void> }>;
  postgresSessions(koa: Koa, pool: Pool): { close(): void };
  backend(options: object): Koa;
  passkeyServer(invitations: Map<string, string>): Koa;
  koa: Koa;
}

export const recipes = (): Page =>
  pages().find(({ path }) => path === 'docs/recipes.md') ?? assert.fail('docs/recipes.md is not there');

/** A recipe by the name of its block. */
export async function recipe<N extends keyof Recipes>(block: string, name: N): Promise<Recipes[N]> {
  const page = recipes();
  const module = page.modules.find((each) => each.name === block) ?? assert.fail(`no recipe ${block}`);
  const loaded = (await write(`recipe-${block}`, [page]).load(page, module)) as Pick<Recipes, N>;
  return loaded[name];
}
