/** An attack with decisions for requests whose page asked the user for something else. */
import type { AttackContext } from '../context.js';
import { formsIn } from '../form.js';
import { answerIn, type Page } from '../http.js';
import type { Changes } from '../request.js';
import type { Visitor } from '../visitor.js';
import { openidScope } from './provider.js';

/** The values in the query of a URL, and of URLs inside it. */
function valuesIn(url: string, base: string): readonly string[] {
  if (!URL.canParse(url, base)) return [];
  const values = [...new URL(url, base).searchParams.values()];
  return values.flatMap((value) => [value, ...(value.includes('?') ? valuesIn(value, base) : [])]);
}

/** The values in a page that may identify the waiting request. */
function namesIn(page: Page): ReadonlySet<string> {
  const fields = formsIn(page).flatMap((form) => form.fields.map(([, value]) => value));
  const all = [page.url, ...fields].flatMap((value) => [value, ...valuesIn(value, page.url)]);
  return new Set(all.filter((value) => value !== ''));
}

/**
 * Whether the form of an ordinary dialog gives a code for another request, if it is sent with the identifier of that request.
 *
 * @param changes the parameters of that request
 */
export async function decidedUnasked(context: AttackContext, visitor: Visitor, changes: Changes): Promise<boolean> {
  const { client } = context.target;
  const scope = openidScope(client);
  const { page, state } = await context.authorize(visitor, client, { scope, ...changes });
  const names = namesIn(page);
  const { form } = await context.dialog(visitor, client, { scope });
  for (const [field] of form.fields)
    for (const value of names) {
      const fields = form.fields.map(([name, own]) => [name, name === field ? value : own] as const);
      const answer = answerIn(await visitor.post(form.action, fields));
      if (answer.has('code') && answer.get('state') === state) return true;
    }
  return false;
}
