/** The shape of a rule by which requests are refused. No code. */

/** A rule by which requests are refused, for whoever has to find out why. */
export interface RefusalRule {
  /** Names it, in metrics and logs: `redirect-uri-not-registered`. */
  readonly rule: string;
  /** The error code that the client gets. */
  readonly error: string;
  /** The messages (`error_description`) of this rule; absent: every message of this code that no earlier rule has. */
  readonly says?: RegExp;
  /** Where it stands: `RFC 7636 §4.6`. */
  readonly section: string;
  /** What to do, for the developer of the client or for the operator: one sentence. */
  readonly remedy: string;
}
