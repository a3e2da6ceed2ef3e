/** Reads the arguments of commands. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** The result of `parseArgs` for these options. */
type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: O; allowPositionals: true; strict: true }>
>;

/** @throws UsageError for an unknown option, or for one without its value */
export function parseOptions<const O extends Options>(args: readonly string[], options: O): Parsed<O> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

/** The entry of a list that an argument names. @throws UsageError */
export function oneOf<const T extends string>(list: readonly T[], value: string, option: string): T {
  const found = list.find((each) => each === value);
  if (found === undefined) throw new UsageError(`${option} is ${list.join(', ')}`);
  return found;
}

/** `--format`, or `--json` for short. */
export const FORMAT_OPTIONS = { format: { type: 'string' }, json: { type: 'boolean' } } as const;

/** @param formats the first is the default @throws UsageError */
export function formatOf<const T extends string>(
  formats: readonly [T, ...T[]],
  { format, json }: { readonly format?: string | undefined; readonly json?: boolean | undefined },
): T {
  return oneOf(formats, format ?? (json ? 'json' : formats[0]), '--format');
}
