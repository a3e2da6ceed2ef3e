import type { OAuth2Error } from './oauth2-error.js';
import { visible } from './one-line.js';

/**
 * The values that led to the refusal, by name: what was sent, what was registered, what would have been accepted. Never a secret, a code,
 * a token or a verifier.
 */
export type ReasonValues = Readonly<Record<string, unknown>>;

/** Values from a request may be long: more characters than this are cut off. */
const MAX_VALUE_LENGTH = 300;

/** The same for a sentence, which may name a client identifier of 2,048 characters. */
const MAX_SENTENCE_LENGTH = 3000;

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

/** Writes a value as JSON: its quotes keep a value from a request from passing for another value. */
function written(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    // JSON cannot express the value, such as a BigInt. An object from a request may have a `toString` that is no function: String() would throw
    text = typeof value === 'object' ? 'an object' : String(value);
  }
  return cut(text, MAX_VALUE_LENGTH);
}

/** A line of a log. @param what the sentence of a `Reason`, without its values */
function sentence(what: string, values: ReasonValues): string {
  const pairs = Object.entries(values).map(([name, value]) => `${name}: ${written(value)}`);
  return pairs.length > 0 ? `${what} ${visible(`(${pairs.join(', ')})`)}` : what;
}

/**
 * The `cause` of an error: why a request was refused, with the values that led to it. The operator sees it in the `error` event and with
 * `DEBUG=koauthorize:error`. It is never sent in a response. Its message is safe to log.
 *
 * @example
 * app.on('error', (error) => log.info(error.message, error.cause instanceof Reason && error.cause.message));
 * // Unregistered redirect URI: The redirect URI is not registered (client: "demo", came: "https://x.example/", registered: ["https://y.example/"])
 */
export class Reason extends Error {
  override name = 'Reason';
  /** The sentence without the values. */
  readonly what: string;
  #values: ReasonValues;

  constructor(what: string, values: ReasonValues = {}) {
    const safe = visible(cut(what, MAX_SENTENCE_LENGTH)); // the sentence may repeat what a stranger sent: messages of JSON.parse do
    super(sentence(safe, values));
    this.what = safe;
    this.#values = values;
  }

  get values(): ReasonValues {
    return this.#values;
  }

  /** Adds values that are known only when the error is answered. Values that were given when it was thrown are kept. */
  complete(values: ReasonValues): void {
    const there = Object.entries(values).filter(([name, value]) => value !== undefined && !(name in this.#values));
    this.#values = { ...Object.fromEntries(there), ...this.#values };
    this.message = sentence(this.what, this.#values);
  }
}

/**
 * Gives an error its reason.
 *
 * @param what a sentence for the operator
 * @param values the values that led to the refusal
 * @returns the same error
 * @example throw reasoned(new TokenError('Unauthorized grant type', 'unauthorized_client'), 'It is not registered', { registered: ['authorization_code'] })
 */
export function reasoned<E extends OAuth2Error>(error: E, what: string, values?: ReasonValues): E {
  error.cause = new Reason(what, values);
  return error;
}
