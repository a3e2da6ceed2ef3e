/** Requests as they are thought of, before they are bytes: good ones, and what can be done to them. */

export type Field = readonly [name: string, value: string];
export type Fields = readonly Field[];

export const BODIES = [
  'form',
  'form, escaped throughout',
  'JSON',
  'JSON nested',
  'JSON arrays',
  'JSON of all types',
  'multipart',
  'raw',
] as const;
export const FRAMINGS = [
  'length',
  'chunked',
  'short',
  'long',
  'both',
  'none',
  'twice',
  'negative',
  'no number',
  'broken chunks',
  'endless chunk',
] as const;

/** A change to the bytes of the target or the body, at a place between 0 and 1. */
export interface Edit {
  readonly place: 'target' | 'body';
  readonly at: number;
  readonly remove: number;
  /** One character each. */
  readonly bytes: string;
}

export interface Draft {
  readonly method: string;
  readonly path: string;
  readonly query: Fields;
  readonly form: Fields;
  readonly headers: Fields;
  readonly body: (typeof BODIES)[number];
  /** The Content-Type; undefined for the one that goes with the body, if there is one. */
  readonly type?: string | undefined;
  readonly framing: (typeof FRAMINGS)[number];
  readonly edits: readonly Edit[];
}

/** What can be done to a request. Places of fields are counted through the query and the form, and go round. */
export type Mutation =
  | { readonly do: 'drop' | 'repeat' | 'move'; readonly at: number }
  | { readonly do: 'set' | 'repeat with'; readonly at: number; readonly value: string }
  | { readonly do: 'wrap'; readonly at: number; readonly before: string; readonly after: string }
  | { readonly do: 'swap'; readonly at: number; readonly other: number }
  | { readonly do: 'rename'; readonly at: number; readonly before: string; readonly after: string }
  | { readonly do: 'upper-case name'; readonly at: number }
  | { readonly do: 'repeat often'; readonly at: number; readonly times: number }
  | { readonly do: 'put before path'; readonly text: string }
  | { readonly do: 'add'; readonly to: 'query' | 'form' | 'headers'; readonly name: string; readonly value: string }
  | { readonly do: 'put'; readonly name: string; readonly value: string }
  | { readonly do: 'set header'; readonly name: string; readonly value: string }
  | { readonly do: 'drop header' | 'repeat header'; readonly at: number }
  | { readonly do: 'replace'; readonly with: Partial<Draft> }
  | { readonly do: 'edit'; readonly edit: Edit };

/** The same list with one item become others. */
function changed(fields: Fields, at: number, change: (field: Field) => Fields): Fields {
  const place = fields.length ? at % fields.length : -1;
  return fields.flatMap((field, index) => (index === place ? change(field) : [field]));
}

type Change = (field: Field) => Fields;

/** Characters. More than a body may have, and no more than a test has time for. */
const ENOUGH = 100_000;

function fitting([name, value]: Field, times: number): number {
  return Math.min(times, Math.ceil(ENOUGH / (name.length + value.length + 2)));
}

function changeOf(mutation: Mutation, all: Fields): Change | undefined {
  switch (mutation.do) {
    case 'drop':
      return () => [];
    case 'repeat':
      return (field) => [field, field];
    case 'repeat often':
      return (field) => Array.from({ length: fitting(field, mutation.times) }, () => field);
    case 'repeat with':
      return (field) => [field, [field[0], mutation.value]];
    case 'set':
      return ([name]) => [[name, mutation.value]];
    case 'wrap':
      return ([name, value]) => [[name, `${mutation.before}${value}${mutation.after}`]];
    case 'swap':
      return ([name]) => [[name, all[mutation.other % (all.length || 1)]?.[1] ?? '']];
    case 'rename':
      return ([name, value]) => [[`${mutation.before}${name}${mutation.after}`, value]];
    case 'upper-case name':
      return ([name, value]) => [[name.toUpperCase(), value]];
    default:
      return undefined;
  }
}

function mutateField(draft: Draft, at: number, change: Change): Draft {
  const { query, form } = draft;
  const count = query.length + form.length;
  const place = count ? at % count : 0;
  return place < query.length
    ? { ...draft, query: changed(query, place, change) }
    : { ...draft, form: changed(form, place - query.length, change) };
}

/** From the query to the form, or back. */
function move(draft: Draft, at: number): Draft {
  const all = [...draft.query, ...draft.form];
  const moved = all[at % (all.length || 1)];
  if (!moved) return draft;
  const [query, form] = [draft.query, draft.form].map((fields) => fields.filter((field) => field !== moved));
  const wasInQuery = draft.query.includes(moved);
  return {
    ...draft,
    query: wasInQuery ? (query ?? []) : [...(query ?? []), moved],
    form: wasInQuery ? [...(form ?? []), moved] : (form ?? []),
  };
}

/** A parameter has this value, and stands where the others are. */
function put({ query, form, ...draft }: Draft, field: Field): Draft {
  const others = (fields: Fields): Fields => fields.filter(([name]) => name !== field[0]);
  const isInForm = form.length > 0;
  return {
    ...draft,
    query: isInForm ? others(query) : [...others(query), field],
    form: isInForm ? [...others(form), field] : form,
  };
}

function setHeader(headers: Fields, [name, value]: Field): Fields {
  const others = headers.filter(([one]) => one.toLowerCase() !== name.toLowerCase());
  return [...others, [name, value]];
}

export function mutate(draft: Draft, mutation: Mutation): Draft {
  const change = changeOf(mutation, [...draft.query, ...draft.form]);
  if (change && 'at' in mutation) return mutateField(draft, mutation.at, change);
  switch (mutation.do) {
    case 'move':
      return move(draft, mutation.at);
    case 'add':
      return { ...draft, [mutation.to]: [...draft[mutation.to], [mutation.name, mutation.value]] };
    case 'put':
      return put(draft, [mutation.name, mutation.value]);
    case 'set header':
      return { ...draft, headers: setHeader(draft.headers, [mutation.name, mutation.value]) };
    case 'drop header':
      return { ...draft, headers: changed(draft.headers, mutation.at, () => []) };
    case 'repeat header':
      return { ...draft, headers: changed(draft.headers, mutation.at, (field) => [field, field]) };
    case 'put before path':
      return { ...draft, path: `${mutation.text}${draft.path}` };
    case 'replace':
      return { ...draft, ...mutation.with };
    case 'edit':
      return { ...draft, edits: [...draft.edits, mutation.edit] };
    default:
      return draft;
  }
}
