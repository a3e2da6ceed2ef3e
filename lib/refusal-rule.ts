/** The shape of a rule by which requests are refused. No code. */

/** A rule by which requests are refused, for whoever has to find out why. */
export interface RefusalRule {
  /** Names it, in metrics and logs: `redirect-uri-not-registered`. */
  readonly rule: string;
  /** The error code that the client gets. */
  readonly error: string;
  /** Matches the messages (`error_description`) of this rule. Absent: every message of this code that no earlier rule matches. */
  readonly says?: RegExp;
  /** The specification and section that has the rule: `RFC 7636 §4.6`. */
  readonly section: string;
  /** What to do, for the developer of the client or for the operator: one sentence. */
  readonly remedy: string;
  /**
   * Whether the protocol expects this answer in ordinary operation, as `authorization_pending` for a poll. Neither the event `refusal` nor Koa's `error` event
   * is then emitted: each waiting device would fill the log with them. Default false.
   */
  readonly isOrdinary?: boolean;
}
