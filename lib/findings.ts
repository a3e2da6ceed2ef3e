/** What a look at a configuration finds: mistakes, risks, and what was given up on purpose. */

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

/** What an option gives up. */
export interface GivenUp {
  /** What is no longer prevented: the attack. */
  readonly why: string;
  /** The specification and the section that would have it otherwise. */
  readonly section?: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** The relaxations among the options of an interface. */
export type Relaxations<O> = { readonly [N in keyof O]?: GivenUp };

/** Functions carry what was found where they were made: what takes them reports it. */
const FOUND = Symbol('koauthorize findings');

/** An option as it could stand in the source. Functions, whose text may be long, are `...`. */
function show(value: unknown): string {
  const isShort = (each: unknown) => ['string', 'number', 'boolean'].includes(typeof each);
  return isShort(value) || (Array.isArray(value) && value.every(isShort)) ? JSON.stringify(value) : '...';
}

/** `false`, 0, no words, and an option that is absent give up nothing. */
function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/**
 * Says which relaxations are among some options: each is a finding named after its option. What was found where the option `fetch` was made
 * is among them.
 *
 * @param call what takes the options, as it is called: `createServer`
 * @param options what the application wrote
 * @param table what each relaxation gives up
 * @example relaxationsOf<ShopOptions>('shop', options, { allowGuests: { why: 'Nobody knows who has ordered', remedy: 'Leave it out' } })
 */
export function relaxationsOf<O extends object>(
  call: string,
  options: O | undefined,
  table: Relaxations<NoInfer<O>>,
): readonly Finding[] {
  const values = new Map<string, unknown>(Object.entries(options ?? {}));
  const found = Object.entries<GivenUp | undefined>(table).flatMap(([rule, givenUp]) =>
    givenUp && isSet(values.get(rule))
      ? [
          {
            rule,
            severity: 'relaxation' as const,
            found: `${call}({ ${rule}: ${show(values.get(rule))} })`,
            ...givenUp,
          },
        ]
      : [],
  );
  return [...found, ...findingsOf(values.get('fetch'))];
}

/** Lets a function carry what was found where it was made. @returns the function */
export function carrying<F extends object>(made: F, findings: readonly Finding[]): F {
  if (findings.length > 0) Object.defineProperty(made, FOUND, { value: findings });
  return made;
}

/** What a function carries. */
export function findingsOf(made: unknown): readonly Finding[] {
  return (Object(made) as { readonly [FOUND]?: readonly Finding[] })[FOUND] ?? [];
}
