/** The options by which the authorization endpoints read requests. */
import type { GrantOptions, Reading } from '../plugs.js';

function isSameModes(one: GrantOptions['modes'] = {}, other: GrantOptions['modes'] = {}): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

function isSame(one: GrantOptions, other: GrantOptions): boolean {
  const [separator, otherSeparator] = [one, other].map(({ scopeSeparator = ' ' }) =>
    [scopeSeparator].flat().join('\n'),
  );
  return separator === otherSeparator && isSameModes(one.modes, other.modes);
}

/** The options are also used for requests that come in at another endpoint, so that both endpoints judge in the same way. */
export class EndpointReading implements Reading {
  readonly #said: GrantOptions[] = [];

  add({ scopeSeparator, modes }: GrantOptions): void {
    this.#said.push({ ...(scopeSeparator !== undefined && { scopeSeparator }), ...(modes && { modes }) });
  }

  get options(): GrantOptions {
    const [first = {}, ...others] = this.#said;
    if (others.every((other) => isSame(first, other))) return first;
    throw new Error(
      'server.authorization() was called several times with different `modes` or `scopeSeparator`: for a request that is judged at another endpoint (a pushed request), it is not known which ones apply. Give them to the grants: grant.code({ modes, scopeSeparator }, issue)',
    );
  }
}
