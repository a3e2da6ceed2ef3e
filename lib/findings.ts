/** What a check of the configuration finds: mistakes, risks, and protections that were given up on purpose. */

/** `error`: it cannot work, or is not safe. `warning`: it is probably not meant. `relaxation`: an option gives up a protection, and says so by its name. */
export type Severity = 'error' | 'warning' | 'relaxation';

/** One thing that was found. */
export interface Finding {
  /** The name of the rule; of a relaxation, the name of its option. */
  readonly rule: string;
  readonly severity: Severity;
  /** What is wrong, with the values that matter. Never a secret. */
  readonly found: string;
  /** The attack that it allows, or what breaks. */
  readonly why: string;
  /** The specification and the section that has the rule, such as `RFC 9700 §2.1.1`. */
  readonly section?: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** What `server.check()` gives. */
export interface CheckReport {
  readonly findings: readonly Finding[];
}

/** What an option gives up: an entry of `Relaxations`. */
export interface Relaxation {
  /** The attack that is no longer prevented. */
  readonly why: string;
  /** The specification and the section that the option departs from. */
  readonly section?: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** The relaxations among the options of an interface. */
export type Relaxations<O> = { readonly [N in keyof O]?: Relaxation };

/** A property of functions: what was found when the function was made. Whatever takes the function as an option reports it. */
const FOUND = Symbol('koauthorize findings');

/** An option as it could stand in the source. Functions, whose text may be long, are `...`. */
function show(value: unknown): string {
  const isShort = (each: unknown) => ['string', 'number', 'boolean'].includes(typeof each);
  return isShort(value) || (Array.isArray(value) && value.every(isShort)) ? JSON.stringify(value) : '...';
}

/** `false`, 0, an empty list, and an absent option give up nothing. */
function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/**
 * Finds the relaxations among options: each is a finding with the name of its option. The findings of the function in the option `fetch` are
 * among them.
 *
 * @param call the function that takes the options, for the message: `createServer`
 * @param options what the application wrote
 * @param table what each relaxation gives up
 * @example
 * interface ShopOptions {
 *   readonly allowGuests?: boolean;
 * }
 * const relaxationsOfShop = (options: ShopOptions) =>
 *   relaxationsOf<ShopOptions>('shop', options, { allowGuests: { why: 'Nobody knows who has ordered', remedy: 'Leave it out' } });
 */
export function relaxationsOf<O extends object>(
  call: string,
  options: O | undefined,
  table: Relaxations<NoInfer<O>>,
): readonly Finding[] {
  const values = new Map<string, unknown>(Object.entries(options ?? {}));
  const found = Object.entries<Relaxation | undefined>(table).flatMap(([rule, relaxation]) =>
    relaxation && isSet(values.get(rule))
      ? [
          {
            rule,
            severity: 'relaxation' as const,
            found: `${call}({ ${rule}: ${show(values.get(rule))} })`,
            ...relaxation,
          },
        ]
      : [],
  );
  return [...found, ...findingsOf(values.get('fetch'))];
}

/** Attaches findings to the function that was made from the options. @returns the function */
export function carrying<F extends object>(made: F, findings: readonly Finding[]): F {
  if (findings.length > 0) Object.defineProperty(made, FOUND, { value: findings });
  return made;
}

/** The findings that `carrying` has attached to a function. */
export function findingsOf(made: unknown): readonly Finding[] {
  return (Object(made) as { readonly [FOUND]?: readonly Finding[] })[FOUND] ?? [];
}
