/**
 * The parts that an extension has made for its server. Functions of the extension that are called without a server use them: a middleware, or a function
 * that the application calls.
 */
export class OneServer<P extends object> {
  readonly #plug: string;
  readonly #missing: string;
  #parts: P | undefined;

  /**
   * @param plug the function that makes the extension, for messages
   * @param missing the message if the extension is not plugged in
   */
  constructor(plug: string, missing: string) {
    this.#plug = plug;
    this.#missing = missing;
  }

  /** @throws Error at the second server: a function that ends or decides something would do so at one of the two servers only */
  set(parts: P): P {
    if (this.#parts) throw new Error(`One ${this.#plug}() is for one server: make one for each server`);
    this.#parts = parts;
    return parts;
  }

  /** @throws Error before it is plugged in */
  get(): P {
    if (!this.#parts) throw new Error(this.#missing);
    return this.#parts;
  }
}
