/** What a command of the program is. */
export interface Terminal {
  /** Writes to the standard output. */
  out(text: string): void;
  /** Writes to the standard error output: mistakes, and the progress of long work. */
  err(text: string): void;
  /** Asks whoever is at the terminal. Missing where nobody is. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

export interface Command {
  /** What it does, in one line. */
  readonly summary: string;
  /** How it is called. */
  readonly usage: string;
  /**
   * @returns the exit code: 0, or 1 where what was asked for is not as it should be
   * @throws UsageError, RangeError, TypeError for a call that cannot be meant
   */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** The command was called in a way that there is not. */
export class UsageError extends Error {}
