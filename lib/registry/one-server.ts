/** What a plug has made for its server, for those of its functions that get no server: a middleware, or what the application calls. */
export class OneServer<P extends object> {
  readonly #plug: string;
  readonly #missing: string;
  #parts: P | undefined;

  /**
   * @param plug the function that makes the plug, for messages
   * @param missing the message where it is not plugged in
   */
  constructor(plug: string, missing: string) {
    this.#plug = plug;
    this.#missing = missing;
  }

  /** @throws Error at the second server: what ends or decides something would do so at one of the two only */
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
