/** Runs the command that the arguments name. */
import { attack } from './attack.js';
import { type Command, type Terminal, UsageError, WorkError } from './command.js';
import { doctor } from './doctor.js';
import { init } from './init.js';
import { keys } from './keys.js';
import { mcpCheck } from './mcp-check.js';
import { migrate } from './migrate.js';

const COMMANDS: Readonly<Record<string, Command>> = { init, keys, attack, doctor, 'mcp-check': mcpCheck, migrate };

const WIDTH = Math.max(...Object.keys(COMMANDS).map((name) => name.length));

const USAGE = `Usage: koauthorize <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(WIDTH)}  ${summary}`)
  .join('\n')}

\`koauthorize <command> --help\` says more. Every command ends with 2 if its arguments are wrong.
`;

/** Whether an error means that the arguments of the command are wrong. */
const isMistake = (error: unknown): error is Error =>
  error instanceof UsageError || error instanceof RangeError || error instanceof TypeError;

/** Whether an error means that a path in the arguments cannot be read or written. */
const isOfPath = (error: Error): boolean => 'syscall' in error && 'path' in error;

/** Tells the user about an error. @returns the exit code @throws the error itself if it is a bug of the program */
function tell(error: unknown, usage: string, { err }: Terminal): number {
  if (isMistake(error)) {
    err(`${error.message}\n\n${usage}`);
    return 2;
  }
  if (!(error instanceof Error && (error instanceof WorkError || isOfPath(error)))) throw error;
  err(`${error.message}\n`);
  return error instanceof WorkError ? 1 : 2;
}

const asksForHelp = (word: string): boolean => ['--help', '-h', 'help'].includes(word);

/** Whether the program has a command of that name. */
export const hasCommand = (name: string): boolean => Object.hasOwn(COMMANDS, name);

/** @returns the exit code */
export async function runCommand([name = '', ...args]: readonly string[], terminal: Terminal): Promise<number> {
  const command = hasCommand(name) ? COMMANDS[name] : undefined;
  const isHelp = asksForHelp(name) || args.some(asksForHelp);
  const usage = command?.usage ?? USAGE;
  if (isHelp) {
    terminal.out(usage);
    return 0;
  }
  if (!command) {
    terminal.err(`${name === '' ? '' : `There is no command ${name}.\n\n`}${usage}`);
    return 2;
  }
  try {
    return await command.run(args, terminal);
  } catch (error) {
    return tell(error, usage, terminal);
  }
}
