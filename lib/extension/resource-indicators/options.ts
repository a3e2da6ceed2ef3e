/** Options of `resourceIndicators()`: the table of the APIs. */
import type { Relaxations } from '../../findings.js';
import { CENTURY, type OptionNames, requireCount, requireKnown } from '../../options.js';
import { isAbsoluteURI } from '../../syntax/absolute-uri.js';
import type { AccessTokens } from '../../token-service/access-token.js';
import type { Awaitable, Client } from '../../types.js';

/** An API that access tokens can be for. @see RFC 8707 §2 */
export interface Resource<C = Client> {
  /**
   * The scope words of this API. A token for it has these words, and words that belong to no API of the table, such as `openid`; words of other APIs are
   * removed. Default: this API has no words of its own.
   */
  readonly scopes?: readonly string[];
  /** The most seconds that an access token for this API lives. Default: the lifetime of `tokenService({ lifetimes })`. */
  readonly lifetime?: number;
  /** The format of access tokens for this API, such as `jwt({ audience })`. Default: the format of `tokenService({ accessTokens })`. */
  readonly accessTokens?: AccessTokens;
  /**
   * The `client_id`s by which this API asks the introspection endpoint. These clients may ask about tokens for this API, and about no others. Default: none.
   */
  readonly introspectedBy?: readonly string[];
  /** Whether a client may have tokens for this API: exactly `true` if it may. Default: every client may. */
  readonly allows?: (client: C) => Awaitable<boolean>;
}

/** Options of `resourceIndicators()`. */
export interface ResourceIndicatorsOptions<C = Client> {
  /** The APIs, by the absolute URIs that clients name in `resource`. */
  readonly resources: Readonly<Record<string, Resource<C>>>;
  /**
   * The API for requests that name none: one for all clients, or a function of the client. Default: none, so that such a request gets tokens without an
   * audience.
   */
  readonly defaultResource?: string | ((client: C) => string | undefined);
  /**
   * Whether `https://api.example` and `https://api.example/` are the same API. Many URL libraries add the slash. This gives up that two APIs may differ only in
   * the slash. Default false: RFC 8707 compares exact texts.
   */
  readonly ignoreTrailingSlash?: boolean;
}

export const RELAXATIONS: Relaxations<ResourceIndicatorsOptions> = {
  ignoreTrailingSlash: {
    why: 'Tokens for one of two APIs whose identifiers differ only in the slash are accepted by the other',
    section: 'RFC 8707 §2',
    remedy: 'Leave it out once all clients send the identifier exactly as it is written here',
  },
};

const OPTIONS: OptionNames<ResourceIndicatorsOptions> = {
  resources: true,
  defaultResource: true,
  ignoreTrailingSlash: true,
};

const OF_RESOURCE: OptionNames<Resource> = {
  scopes: true,
  lifetime: true,
  accessTokens: true,
  introspectedBy: true,
  allows: true,
};

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.every((word) => typeof word === 'string' && word !== '');
}

/** @throws TypeError */
function requireResource(identifier: string, resource: Resource<never>): void {
  const what = `resourceIndicators({ resources }): ${JSON.stringify(identifier)}`;
  requireKnown<Resource<never>>(resource, OF_RESOURCE, what);
  if (!isAbsoluteURI(identifier)) throw new TypeError(`${what} is no absolute URI without a fragment`);
  const { scopes = [], introspectedBy = [], lifetime = 1, accessTokens } = resource;
  if (!isWords(scopes) || !isWords(introspectedBy))
    throw new TypeError(`${what}: scopes and introspectedBy are lists of words`);
  requireCount(`${what}: lifetime`, lifetime, 1, CENTURY);
  if (accessTokens !== undefined && typeof accessTokens?.mint !== 'function')
    throw new TypeError(`${what}: accessTokens is a format, such as opaque() or jwt({ audience })`);
}

/** @throws TypeError for invalid options */
export function requireOptions<C>(options: ResourceIndicatorsOptions<C>): void {
  requireKnown<ResourceIndicatorsOptions<C>>(options, OPTIONS, 'resourceIndicators');
  const entries = Object.entries(options?.resources ?? {});
  if (entries.length === 0)
    throw new TypeError('resourceIndicators({ resources }) is needed: the APIs that tokens can be for');
  for (const [identifier, resource] of entries) requireResource(identifier, resource);
}
