/** Reads the arguments of `koauthorize mcp-check`. */
import type { AttackClient } from '../testing/attack/target.js';
import { CLIENT_OPTIONS, clientOf } from './client.js';
import { UsageError } from './command.js';
import { FORMAT_OPTIONS, formatOf, parseOptions } from './parse.js';

export const FORMATS = ['text', 'json', 'junit'] as const;

/** The arguments of `mcp-check`. */
export interface CheckCommand {
  readonly issuer: string | undefined;
  readonly resource: string | undefined;
  /** Other resources, for which the MCP server must refuse tokens. */
  readonly otherResource: readonly string[] | undefined;
  /** A module that exports `target`. */
  readonly target: string | undefined;
  readonly client: AttackClient | undefined;
  readonly format: (typeof FORMATS)[number];
  /** A file for JUnit XML, in addition to the output. */
  readonly junit: string | undefined;
  /** Whether a failed SHOULD counts like a failed MUST, and a check that was not tried like a failed one. */
  readonly strict: boolean;
  readonly only: readonly string[] | undefined;
  readonly without: readonly string[] | undefined;
}

const OPTIONS = {
  resource: { type: 'string' },
  'other-resource': { type: 'string', multiple: true },
  target: { type: 'string' },
  ...CLIENT_OPTIONS,
  ...FORMAT_OPTIONS,
  junit: { type: 'string' },
  only: { type: 'string' },
  without: { type: 'string' },
  strict: { type: 'boolean' },
} as const;

/** @throws UsageError */
export function readOptions(args: readonly string[]): CheckCommand {
  const { values, positionals } = parseOptions(args, OPTIONS);
  const [issuer, ...more] = positionals;
  const format = formatOf(FORMATS, values);
  if (more.length > 0) throw new UsageError(`There is one authorization server, not ${positionals.length}`);
  if (values.resource === undefined && values.target === undefined)
    throw new UsageError('--resource is needed, the URL of the MCP server; or --target, a module');
  return {
    issuer,
    resource: values.resource,
    otherResource: values['other-resource'],
    target: values.target,
    client: clientOf(values),
    format,
    junit: values.junit,
    strict: values.strict ?? false,
    only: values.only?.split(','),
    without: values.without?.split(','),
  };
}
