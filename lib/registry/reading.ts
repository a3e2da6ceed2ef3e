/** What the authorization endpoints were told of how they read requests. */
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

/** Kept for requests that are judged at another endpoint, so that both endpoints judge alike. */
export class EndpointReading implements Reading {
  readonly #said: GrantOptions[] = [];

  add({ scopeSeparator, modes }: GrantOptions): void {
    this.#said.push({ ...(scopeSeparator !== undefined && { scopeSeparator }), ...(modes && { modes }) });
  }

  get options(): GrantOptions {
    const [first = {}, ...others] = this.#said;
    if (others.every((other) => isSame(first, other))) return first;
    throw new Error(
      'server.authorization() was called several times with different `modes` or `scopeSeparator`, so that nobody knows which of them a request that is judged elsewhere (a pushed request) will meet: give them to the grants, as grant.code(issue, { modes, scopeSeparator })',
    );
  }
}
