/** Cookies that the server sets. */
import type { Answers } from './answers.js';

export interface SeenCookie {
  readonly name: string;
  /** The attributes in lower case, each with its value, such as `samesite=lax`. */
  readonly flags: ReadonlySet<string>;
}

function read(cookie: string): SeenCookie {
  const [pair = '', ...attributes] = cookie.split(';').map((part) => part.trim());
  return { name: pair.split('=', 1)[0] ?? '', flags: new Set(attributes.map((attribute) => attribute.toLowerCase())) };
}

/** Koa stores the signature of a cookie in a second one, `<name>.sig`, which has no value for an attacker. */
const isSignature = ({ name }: SeenCookie): boolean => name.endsWith('.sig');

/** The cookies in the answers for browsers, each once. */
export function cookiesIn(answers: Answers | undefined): readonly SeenCookie[] {
  const set = answers?.authorization?.headers['set-cookie'] ?? [];
  return [set]
    .flat()
    .map(read)
    .filter((cookie) => !isSignature(cookie));
}
