import type { OAuth2Error } from './oauth2-error.js';

/** What mattered, by its name: what came, what was registered, what would have been taken. Never a secret, a code, a token or a verifier. */
export type ReasonValues = Readonly<Record<string, unknown>>;

/** Characters of one value. What came from outside may be long. */
const LONGEST = 300;

/** A value in quotes, so that what came from outside cannot look like a line of the log. */
function written(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  let text = String(value);
  try {
    text = JSON.stringify(value) ?? text;
  } catch {
    // what JSON has no form for stays as it is
  }
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function sentence(what: string, values: ReasonValues): string {
  const pairs = Object.entries(values).map(([name, value]) => `${name}: ${written(value)}`);
  return pairs.length > 0 ? `${what} (${pairs.join(', ')})` : what;
}

/**
 * Why a request was refused, with the values that mattered: the `cause` of the error. It is for the operator, in the `error` event and with
 * `DEBUG=koauthorize:error`, and whoever sent the request never sees it. Its message is safe to log.
 *
 * @example
 * app.on('error', (error) => log.info(error.message, error.cause instanceof Reason && error.cause.message));
 * // Unregistered redirect URI: The redirect URI is not registered (client: "demo", came: "https://x.example/", registered: ["https://y.example/"])
 */
export class Reason extends Error {
  override name = 'Reason';
  readonly #what: string;
  #values: ReasonValues;

  constructor(what: string, values: ReasonValues = {}) {
    super(sentence(what, values));
    this.#what = what;
    this.#values = values;
  }

  get values(): ReasonValues {
    return this.#values;
  }

  /** Adds what is known where the error is answered. What was said where it was thrown stays. */
  complete(values: ReasonValues): void {
    const there = Object.entries(values).filter(([name, value]) => value !== undefined && !(name in this.#values));
    this.#values = { ...Object.fromEntries(there), ...this.#values };
    this.message = sentence(this.#what, this.#values);
  }
}

/**
 * Gives an error its reason.
 *
 * @param what in plain English, for who runs the server
 * @param values what mattered
 * @returns the same error
 * @example throw reasoned(new TokenError('Unauthorized grant type', 'unauthorized_client'), 'It is not registered', { registered })
 */
export function reasoned<E extends OAuth2Error>(error: E, what: string, values?: ReasonValues): E {
  error.cause = new Reason(what, values);
  return error;
}
