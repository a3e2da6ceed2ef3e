/** What `resourceIndicators()` takes: the table of the APIs. */
import type { Relaxations } from '../../findings.js';
import { CENTURY, type OptionNames, requireCount, requireKnown } from '../../options.js';
import { isAbsoluteURI } from '../../syntax/absolute-uri.js';
import type { AccessTokens } from '../../token-service/access-token.js';
import type { Awaitable, Client } from '../../types.js';

/** An API that access tokens can be for. @see RFC 8707 §2 */
export interface Resource<C = Client> {
  /**
   * The words of a scope that mean something at this API. A token for it has these words, and words that stand in no row of the table,
   * such as `openid`; the words of other rows are taken out. Default: this API has no words of its own.
   */
  readonly scopes?: readonly string[];
  /** Seconds that an access token for this API lives at most. Default: what `tokenService({ lifetimes })` says. */
  readonly lifetime?: number;
  /** How access tokens for this API look, such as `jwt({ audience })`. Default: what `tokenService({ accessTokens })` says. */
  readonly accessTokens?: AccessTokens;
  /** The `client_id`s by which this API asks the introspection endpoint. They are told of tokens for this API, and of no others. Default: none. */
  readonly introspectedBy?: readonly string[];
  /** Whether a client may have tokens for this API: exactly `true` if it may. Default: every client may. */
  readonly allows?: (client: C) => Awaitable<boolean>;
}

/** Options of `resourceIndicators()`. */
export interface ResourceIndicatorsOptions<C = Client> {
  /** The APIs, by the absolute URIs that clients name in `resource`. */
  readonly resources: Readonly<Record<string, Resource<C>>>;
  /** The API of a request that names none, for all clients or for each. Default: none; such a request gets tokens without an audience. */
  readonly defaultResource?: string | ((client: C) => string | undefined);
  /**
   * Whether `https://api.example` and `https://api.example/` are one API. Many libraries of URLs add the slash. Gives up that two APIs may differ
   * in it. Default false: RFC 8707 compares texts.
   */
  readonly ignoreTrailingSlash?: boolean;
}

export const RELAXATIONS: Relaxations<ResourceIndicatorsOptions> = {
  ignoreTrailingSlash: {
    why: 'Tokens for one of two APIs that differ in the slash are good at the other',
    section: 'RFC 8707 §2',
    remedy: 'Leave it out once all clients name the API as it is written here',
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

/** @throws TypeError for options that cannot be meant */
export function requireOptions<C>(options: ResourceIndicatorsOptions<C>): void {
  requireKnown<ResourceIndicatorsOptions<C>>(options, OPTIONS, 'resourceIndicators');
  const entries = Object.entries(options?.resources ?? {});
  if (entries.length === 0)
    throw new TypeError('resourceIndicators({ resources }) is needed: the APIs that tokens can be for');
  for (const [identifier, resource] of entries) requireResource(identifier, resource);
}
