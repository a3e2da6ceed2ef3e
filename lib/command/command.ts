/** The interface of the commands of the program. */
export interface Terminal {
  /** Writes to the standard output. */
  out(text: string): void;
  /** Writes to the standard error output: errors, and the progress of long work. */
  err(text: string): void;
  /** Asks the person at the terminal. Absent if there is none. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

export interface Command {
  /** What it does, in one line. */
  readonly summary: string;
  /** How it is called. */
  readonly usage: string;
  /**
   * @returns the exit code: 0, or 1 if the command found a problem or could not do its work
   * @throws UsageError, RangeError, TypeError for wrong arguments; an error of the file system for a path that cannot be read or written
   * @throws WorkError if the command fails for another reason than its arguments
   */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** The arguments of a command are wrong. */
export class UsageError extends Error {}

/** The command could not do its work. The terminal shows its message alone, without the usage. */
export class WorkError extends Error {}
