/** Reads the arguments of `koauthorize mcp-check`. */
import { parseArgs } from 'node:util';
import type { AttackClient } from '../testing/attack/target.js';

export const FORMATS = ['text', 'json', 'junit'] as const;

/** What is asked for. */
export interface CheckCommand {
  readonly issuer: string | undefined;
  readonly resource: string | undefined;
  /** A module that exports `target`. */
  readonly target: string | undefined;
  readonly client: AttackClient | undefined;
  readonly format: (typeof FORMATS)[number];
  /** Whether what SHOULD be counts as what MUST be. */
  readonly strict: boolean;
  readonly only: readonly string[] | undefined;
  readonly without: readonly string[] | undefined;
}

/** The command was called in a way that there is not. */
export class UsageError extends Error {}

const OPTIONS = {
  resource: { type: 'string' },
  target: { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  'redirect-uri': { type: 'string' },
  scope: { type: 'string' },
  format: { type: 'string' },
  only: { type: 'string' },
  without: { type: 'string' },
  strict: { type: 'boolean' },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause));
  }
}

type Values = ReturnType<typeof parse>['values'];

function clientOf(values: Values): AttackClient | undefined {
  const { 'client-id': client_id, 'client-secret': client_secret, 'redirect-uri': redirect_uri, scope } = values;
  if (client_id === undefined) return undefined;
  if (redirect_uri === undefined)
    throw new UsageError('--client-id needs --redirect-uri, which the client has registered');
  return { client_id, client_secret, redirect_uri, scope };
}

/** @throws UsageError */
export function readOptions(args: readonly string[]): CheckCommand {
  const { values, positionals } = parse(args);
  const [issuer, ...more] = positionals;
  const format = FORMATS.find((each) => each === (values.format ?? 'text'));
  if (more.length > 0) throw new UsageError(`There is one authorization server, not ${positionals.length}`);
  if (!format) throw new UsageError(`--format is ${FORMATS.join(', ')}`);
  if (values.resource === undefined && values.target === undefined)
    throw new UsageError('--resource is needed, the URL of the MCP server; or --target, a module');
  return {
    issuer,
    resource: values.resource,
    target: values.target,
    client: clientOf(values),
    format,
    strict: values.strict ?? false,
    only: values.only?.split(','),
    without: values.without?.split(','),
  };
}
