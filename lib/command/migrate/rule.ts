/** What a library looks like in the source of a project, and what to write instead. No code. */
import type { ByLegacy } from './legacy.js';

/** A relaxation with which a client can stay unchanged for a while. */
export interface RelaxationByName {
  /** The code, which contains the name of the option. */
  readonly write: string;
  /** Present if it is an option of `legacy()`, of which a server has one. */
  readonly legacy?: ByLegacy;
  readonly givesUp: string;
}

export interface MigrationRule {
  readonly name: string;
  /** The pattern that the rule searches for in each line of a source. Without the flags `g` and `y`, which would give it state. */
  readonly pattern: RegExp;
  /**
   * In which files a match counts, in a project that uses the library. `anywhere`: in all files, since the matched text belongs to this library alone. `near`:
   * in files that import the library, or have a match of an `anywhere` rule; in other files, a match is listed for the user to look at. `only near`: as `near`,
   * but matches in other files are ignored, since the word is too common.
   */
  readonly counts: 'anywhere' | 'near' | 'only near';
  /** What was found, in words. */
  readonly found: string;
  /** TypeScript that follows the `frame` of its library, and compiles there. */
  readonly write: string;
  /** What changes for clients. Absent if nothing does. */
  readonly changes?: string;
  readonly relaxation?: RelaxationByName;
  /** The page below docs/, with its heading. */
  readonly docs: string;
}

/** Something that no single line shows, so that the user has to search for it. */
export interface Search {
  /** What to search for. */
  readonly text: string;
  readonly why: string;
}

export interface Library {
  /** The name of its package. */
  readonly name: string;
  /** Packages whose import shows that a file uses it. */
  readonly packages: readonly string[];
  /** The beginning of the names of related packages that no rule knows. */
  readonly relatedPrefix?: string;
  /** The beginning of a call that may be on the line before the text that a rule recognizes: `server.grant(`. */
  readonly carrier?: RegExp;
  /** The code of the new server. The code of every rule comes after it. */
  readonly frame: string;
  readonly rules: readonly MigrationRule[];
  readonly searches: readonly Search[];
  /** The page about it, below docs/. */
  readonly guide: string;
  /** Where docs/ describes how `adopt` reads its refresh tokens: a page with its heading. */
  readonly adopt: string;
}
