/** The APIs that tokens can be for. @see RFC 8707 §2 */
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { type ReasonValues, reasoned } from '../../errors/reason.js';
import type { AccessTokenTerms } from '../../plugs.js';
import { isAbsoluteURI } from '../../syntax/absolute-uri.js';
import type { IssuerFacts } from '../../token-service/access-token.js';
import type { Client, Scope } from '../../types.js';
import { type Resource, type ResourceIndicatorsOptions, requireOptions } from './options.js';

/** The most APIs that one request may name, since `allows` of the application is called for each. */
const MOST = 20;

/**
 * @param message for the client
 * @param why for the operator
 * @see RFC 8707 §2
 */
export function invalidTarget(message: string, why: string, values?: ReasonValues): OAuth2Error {
  return reasoned(new OAuth2Error(message, 'invalid_target', undefined, 400), why, values);
}

export class ResourceTable<C = Client> {
  readonly #resources: ReadonlyMap<string, Resource<C>>;
  readonly #options: ResourceIndicatorsOptions<C>;
  /** The scope words of all APIs. */
  readonly #words: ReadonlySet<string>;

  /** @throws TypeError for invalid options */
  constructor(options: ResourceIndicatorsOptions<C>) {
    requireOptions(options);
    this.#options = options;
    this.#resources = new Map(Object.entries(options.resources));
    this.#words = new Set([...this.#resources.values()].flatMap(({ scopes = [] }) => scopes));
    const { defaultResource } = options;
    if (typeof defaultResource === 'string') this.#known(defaultResource, 'resourceIndicators({ defaultResource })');
  }

  /** @throws Error if the server cannot make the tokens of an API, for example without keys */
  ready({ issuer, keys }: IssuerFacts): void {
    for (const { accessTokens } of this.#resources.values()) accessTokens?.ready?.({ issuer, keys });
  }

  /** The APIs that a request names, by their identifiers in the table. @throws OAuth2Error `invalid_target` */
  async named(sent: readonly string[], client: C): Promise<readonly string[]> {
    if (sent.length > MOST) throw invalidTarget('Too many resources', 'More than one request may name', { most: MOST });
    const named = [...new Set(sent)].map((text) => this.#find(text));
    const allowed = await this.allowed(named, client);
    const refused = named.find((one) => !allowed.includes(one));
    if (refused === undefined) return allowed;
    throw invalidTarget(
      'resource is not for this client',
      'allows of this resource in resourceIndicators({ resources }) did not return true',
      {
        resource: refused,
      },
    );
  }

  /** The API for requests that name none, if there is a default. @throws TypeError if the application returns an API that is not in the table */
  default(client: C): readonly string[] | undefined {
    const { defaultResource } = this.#options;
    const named = typeof defaultResource === 'function' ? defaultResource(client) : defaultResource;
    return named === undefined ? undefined : [this.#known(named, 'resourceIndicators({ defaultResource })')];
  }

  /** The APIs among these that are in the table, and that this client may have tokens for at present. */
  async allowed(identifiers: readonly string[], client: C): Promise<readonly string[]> {
    const allowed: string[] = [];
    for (const one of identifiers) {
      const resource = this.#resources.get(one);
      if (resource && (!resource.allows || (await resource.allows(client)) === true)) allowed.push(one);
    }
    return allowed;
  }

  /** The part of a scope that a token for these APIs gets. */
  scopeFor(audience: readonly string[], scope: Scope): Scope {
    const own = new Set(audience.flatMap((one) => this.#resources.get(one)?.scopes ?? []));
    return scope.filter((word) => own.has(word) || !this.#words.has(word));
  }

  /** The lifetime and the format of tokens for these APIs. @throws OAuth2Error if one token cannot be for all of them */
  termsFor(audience: readonly string[]): AccessTokenTerms {
    const rows = audience.map((one) => this.#resources.get(one) ?? {});
    const formats = new Set(rows.map(({ accessTokens }) => accessTokens));
    const [format] = formats;
    if (formats.size > 1)
      throw invalidTarget('Ask for a token for one resource at a time', 'The tokens for these APIs look different', {
        audience,
      });
    const lifetimes = rows.flatMap(({ lifetime }) => lifetime ?? []);
    const scope = (wanted: Scope): Scope => this.requireScope(audience, wanted);
    return { format, scope, ...(lifetimes.length > 0 && { lifetime: Math.min(...lifetimes) }) };
  }

  /** The part of a scope that a token for these APIs gets. @throws OAuth2Error if there is a scope, and none of its words is for these APIs */
  requireScope(audience: readonly string[], scope: Scope): Scope {
    const own = this.scopeFor(audience, scope);
    if (own.length > 0 || scope.length === 0) return own;
    const error = new OAuth2Error('Nothing of the scope is for this resource', 'invalid_scope', undefined, 400);
    throw reasoned(error, 'None of the words is among the scopes of these resources', { audience, scope });
  }

  /** The APIs among these that ask the introspection endpoint as this client. */
  introspectedBy(clientID: string, audience: readonly string[]): readonly string[] {
    return audience.filter((one) => this.#resources.get(one)?.introspectedBy?.includes(clientID));
  }

  /** RFC 8707 §2, RFC 3986 §6.2.1: compared as exact texts. @throws OAuth2Error for an API that is not in the table */
  #find(text: string): string {
    const found = this.#spellings(text).find((one) => this.#resources.has(one));
    if (found !== undefined) return found;
    if (!isAbsoluteURI(text))
      throw invalidTarget('resource is no absolute URI without a fragment', 'RFC 8707 §2', { came: text });
    throw invalidTarget('No such resource here', 'It is not in resourceIndicators({ resources })', { came: text });
  }

  #spellings(text: string): readonly string[] {
    if (this.#options.ignoreTrailingSlash !== true || text.endsWith('//')) return [text];
    return [text, text.endsWith('/') ? text.slice(0, -1) : `${text}/`];
  }

  /** @throws TypeError */
  #known(identifier: string, what: string): string {
    if (this.#resources.has(identifier)) return identifier;
    throw new TypeError(`${what} names ${identifier}, which is not in resourceIndicators({ resources })`);
  }
}
