/** The URLs of the server: the issuer, and the endpoints below it. */
import type { EndpointURLs, Locations } from '../core.js';
import { requireNoNearMiss } from '../options.js';
import type { LocationOptions } from '../server-options.js';
import { requireIssuer } from '../syntax/issuer.js';
import { isNormal, isSecureURL } from '../syntax/url.js';

/** A path has one leading slash: `//host` would name another host. */
function isPath(value: string): boolean {
  return /^\/(?!\/)/.test(value);
}

/**
 * Whether a text can be the location of an endpoint: a path with one leading slash, or a URL. A relative path such as `token` cannot, since there
 * is nothing that it is relative to; nor can a text that a URL parser would change.
 */
function isLocation(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const url = isPath(value) ? `https://host${value}` : value;
  return isSecureURL(url) && isNormal(url);
}

/**
 * Requires that the value of an option can be the location of an endpoint: a path, or a URL.
 *
 * @param what names the option, for the message
 * @throws TypeError for any other value
 * @example requireLocation(path, 'vouchers({ path })');
 */
export function requireLocation(value: unknown, what: string): asserts value is string {
  if (isLocation(value)) return;
  throw new TypeError(
    `${what} is a path such as /token, or an https URL (http on this machine only), in its normal form, not ${JSON.stringify(value)}`,
  );
}

/** @throws TypeError */
function requirePrefix(prefix: string): void {
  if (prefix === '' || (isPath(prefix) && isLocation(prefix) && !/\?|\/$/.test(prefix))) return;
  throw new TypeError(`prefix is a path such as /oauth, without a slash at its end, not ${JSON.stringify(prefix)}`);
}

/** The name of the option in messages. */
const ENDPOINTS = 'createServer({ endpoints })';

/** The endpoints of RFC 6749, and that of RFC 7591. */
const SPINE = ['authorization', 'token', 'registration'];

/** The locations that the application and extensions set. Two different ones for one endpoint are an error at start. */
export class ServerLocations implements Locations {
  readonly allowsPlainHTTP: boolean;
  readonly endpoints: EndpointURLs;
  readonly #prefix: string;
  readonly #places: Map<string, string>;
  readonly #there = [...SPINE];
  #issuer: string | undefined;

  /** @throws TypeError */
  constructor({ issuer, prefix = '', endpoints = {}, allowPlainHTTP }: LocationOptions) {
    this.allowsPlainHTTP = allowPlainHTTP === true;
    if (issuer !== undefined) requireIssuer(issuer, { allowPlainHTTP: this.allowsPlainHTTP });
    requirePrefix(prefix);
    requireNoNearMiss(endpoints, this.#there, ENDPOINTS);
    for (const [name, value] of Object.entries(endpoints)) requireLocation(value, `endpoints.${name}`);
    this.#issuer = issuer;
    this.#prefix = prefix;
    this.endpoints = endpoints;
    this.#places = new Map(Object.entries(endpoints));
  }

  get issuer(): string | undefined {
    return this.#issuer;
  }

  /** Sets the issuer for an extension. @throws Error if another issuer was set before */
  nameIssuer(issuer: string, by: string): void {
    if (issuer !== (this.#issuer ?? issuer))
      throw new Error(`${by} says that the issuer is ${issuer}, and createServer or an extension said ${this.#issuer}`);
    this.#issuer = issuer;
  }

  /** Sets the location of an endpoint that has an option for it. @throws Error if `createServer({ endpoints })` has another location */
  place(name: string, said: string): void {
    const once = this.#places.get(name) ?? said;
    if (said !== once)
      throw new Error(`The ${name} endpoint has the location ${said}, and ${once} in createServer({ endpoints })`);
    this.#places.set(name, said);
  }

  /** Called for each endpoint that is plugged in. @throws TypeError if `createServer({ endpoints })` has a name that is probably a misspelling of this one */
  declare(name: string): void {
    this.#there.push(name);
    requireNoNearMiss(this.endpoints, this.#there, ENDPOINTS);
  }

  of(name: string, usual: string): string {
    return this.#places.get(name) ?? usual;
  }

  url(location: unknown, what: string, issuer: string): string {
    requireLocation(location, what);
    return isPath(location) ? `${issuer.replace(/\/$/, '')}${this.#prefix}${location}` : location;
  }
}
