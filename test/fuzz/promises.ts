/** What callbacks are promised: strings, and nothing that a request could have shaped. */
import { inspect } from 'node:util';

/** What is wrong with a value, if anything is. */
export type Promised = (value: unknown) => string | undefined;

const wrong = (what: string, value: unknown): string => `${what} promised, not ${inspect(value).slice(0, 200)}`;

/** RFC 6749 §3.1: what was sent without a value was not sent. */
export const text: Promised = (value) => (typeof value === 'string' && value !== '' ? undefined : wrong('text', value));

export const anyText: Promised = (value) => (typeof value === 'string' ? undefined : wrong('a string', value));

export const anything: Promised = () => undefined;

export const optional =
  (promised: Promised): Promised =>
  (value) =>
    value === undefined ? undefined : promised(value);

export const number: Promised = (value) => (Number.isFinite(value) ? undefined : wrong('a number', value));

export const words: Promised = (value) =>
  Array.isArray(value) ? value.map(text).find((fault) => fault !== undefined) : wrong('words', value);

const oneOf =
  (...values: readonly string[]): Promised =>
  (value) =>
    values.includes(value as string) ? undefined : wrong(values.join(' or '), value);

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** An object with these members, and no others. */
export const record =
  (members: Readonly<Record<string, Promised>>): Promised =>
  (value) => {
    if (!isPlain(value)) return wrong('a record', value);
    const names = new Set([...Object.keys(value), ...Object.keys(members)]);
    for (const name of names) {
      const promised = Object.hasOwn(members, name) ? members[name] : undefined;
      const fault = promised
        ? promised(Object.hasOwn(value, name) ? value[name] : undefined)
        : wrong('no such member', value);
      if (fault !== undefined) return `${name}: ${fault}`;
    }
    return undefined;
  };

/** The parameters of a token request as an object: without a prototype, since its names are the client's. */
export const body: Promised = (value) => {
  if (!isPlain(value) || Object.getPrototypeOf(value) !== null) return wrong('an object without prototype', value);
  return Object.values(value)
    .map(text)
    .find((fault) => fault !== undefined);
};

/** The fields of a form: of those that came several times, all the values. */
export const form: Promised = (value) => {
  if (!isPlain(value)) return wrong('a form', value);
  const values = Object.values(value).flatMap((one) => (Array.isArray(one) ? one : [one]));
  return values.map(anyText).find((fault) => fault !== undefined);
};

const params: Promised = (value) =>
  value instanceof Map
    ? [...value.keys()]
        .map(anyText)
        .concat([...value.values()].map(text))
        .find(Boolean)
    : wrong('a map', value);

export const areq: Promised = record({
  type: anyText,
  clientID: text,
  redirectURI: optional(text),
  scope: optional(words),
  state: optional(text),
  responseMode: optional(text),
  codeChallenge: optional(text),
  codeChallengeMethod: optional(oneOf('S256')),
  acrValues: optional(words),
  maxAge: optional(number),
});

/** What is asked for has been judged by now. */
export const authorization: Promised = record({
  clientID: text,
  redirectURI: text,
  scope: words,
  request: areq,
  subject: optional(text),
});

/** The parts of a transaction that come from the request. */
export const transaction: Promised = (value) => {
  const { req, redirectURI, transactionID } = value as Record<string, unknown>;
  return areq(req) ?? text(redirectURI) ?? optional(text)(transactionID);
};

const confirmation: Promised = record({ 'x5t#S256': text });

export const tokenRequest: Promised = record({
  grantType: text,
  client: anything,
  authMethod: text,
  authInfo: record({ method: text }),
  traceID: (value) => (typeof value === 'function' ? text(value()) : wrong('a function', value)),
  params,
  body,
  scope: optional(words),
  codeVerifier: optional(text),
  confirmation: optional(confirmation),
});

/** Watches what callbacks are given. */
export class Watch {
  readonly broken: string[] = [];
  /** How often callbacks were called. */
  calls = 0;

  /** The same callback, as one that takes all there is. */
  over<A extends readonly unknown[], R>(
    where: string,
    promises: readonly Promised[],
    callback: (...args: A) => R,
  ): (...args: A) => R {
    const watched = (...args: A): R => {
      this.calls += 1;
      for (const [index, promised] of promises.entries()) {
        const fault = promised(args[index]);
        if (fault !== undefined) this.broken.push(`${where}, argument ${index + 1}: ${fault}`);
      }
      return callback(...args);
    };
    return Object.defineProperty(watched, 'length', { value: promises.length }); // which says what it is to be given
  }
}
