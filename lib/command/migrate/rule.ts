/** What a library looks like in the source of a project, and what to write instead. No code. */

/** A relaxation that keeps a client as it is for a while. */
export interface RelaxationByName {
  /** The code, which has the name of the option. */
  readonly write: string;
  readonly givesUp: string;
}

export interface MigrationRule {
  readonly name: string;
  /** What it recognizes in one line of a source. Without the flags `g` and `y`, so that it has no state. */
  readonly pattern: RegExp;
  /**
   * In which files of a project that uses the library a match counts. `anywhere`: what it matches belongs to this library alone. `near`: in the files that import
   * the library or have something that belongs to it alone; in other files the person is told to look. `only near`: as `near`, and other files say nothing, for the word
   * is too common.
   */
  readonly counts: 'anywhere' | 'near' | 'only near';
  /** What was found, in words. */
  readonly found: string;
  /** TypeScript that follows the `frame` of its library, and compiles there. */
  readonly write: string;
  /** What changes for clients. Absent: nothing does. */
  readonly changes?: string;
  readonly relaxation?: RelaxationByName;
  /** Page and heading below docs/. */
  readonly docs: string;
}

/** What no single line shows, so that the person has to search for it. */
export interface Search {
  /** What to search for. */
  readonly text: string;
  readonly why: string;
}

export interface Library {
  /** The package that it is called by. */
  readonly name: string;
  /** Packages whose import shows that a file uses it. */
  readonly packages: readonly string[];
  /** Packages that belong to it, and that no rule knows, begin with this. */
  readonly relatedPrefix?: string;
  /** What stands on the line before what a rule recognizes, where a call is broken into lines: `server.grant(`. */
  readonly carrier?: RegExp;
  /** The new server: the code of every rule follows it. */
  readonly frame: string;
  readonly rules: readonly MigrationRule[];
  readonly searches: readonly Search[];
  /** The page about it, below docs/. */
  readonly guide: string;
  /** What `adopt` needs to know of its refresh tokens: a page and heading below docs/. */
  readonly adopt: string;
}
