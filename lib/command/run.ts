/** Runs the command that the arguments name. */
import { mcpCheck } from './mcp-check.js';
import { UsageError } from './options.js';

export interface Output {
  /** Writes to the standard output. */
  out(text: string): void;
  /** Writes to the standard error output. */
  err(text: string): void;
}

const USAGE = `Usage: koauthorize mcp-check [issuer] --resource <url> [options]

Examines the authorization of an MCP server, and of the authorization server that it names.

  --resource <url>      the URL of the MCP server
  --target <module>     a module that exports \`target\`: MCPTarget of koauthorize/testing, with \`login\` and \`consent\`
  --client-id <id>, --client-secret <secret>, --redirect-uri <uri>, --scope <scope>
                        a registered client; without it, one registers itself if it can
  --format <format>     text (default), json or junit
  --only <names>, --without <names>
                        names of checks, separated by commas
  --strict              fails for what SHOULD be, too

It ends with 1 if something that MUST be is not, or cannot be told, and with 2 if it was called in a way that there is not.
`;

const COMMANDS: Readonly<Record<string, typeof mcpCheck>> = { 'mcp-check': mcpCheck };

/** A mistake in how the command was called. */
const isMistake = (error: unknown): error is Error =>
  error instanceof UsageError || error instanceof RangeError || error instanceof TypeError;

/** @returns the exit code */
export async function runCommand([name = '', ...args]: readonly string[], { out, err }: Output): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const isHelp = ['--help', '-h', 'help'].some((each) => each === name || args.includes(each));
  if (!command || isHelp) {
    (isHelp ? out : err)(USAGE);
    return isHelp ? 0 : 2;
  }
  try {
    return await command(args, out);
  } catch (error) {
    if (!isMistake(error)) throw error;
    err(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

/** Whether the program has a command of that name. */
export const hasCommand = (name: string): boolean => Object.hasOwn(COMMANDS, name);
