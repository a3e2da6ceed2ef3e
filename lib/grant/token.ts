import { AuthorizationError } from '../errors/authorization-error.js';
import { reasoned } from '../errors/reason.js';
import type { GrantModuleOf, GrantOptions } from '../plugs.js';
import { requireNoPromise } from '../promise.js';
import { warnOfDone } from '../registry/done.js';
import { GRANT_OPTIONS } from '../registry/known.js';
import { splitIssueArguments } from '../registry/shape.js';
import { formatScope, scopeOf } from '../syntax/scope.js';
import { BEARER } from '../syntax/token-type.js';
import { requireVisible } from '../syntax/visible.js';
import type {
  Authorization,
  AuthorizationRequest,
  Awaitable,
  Client,
  Decision,
  IssuedTokens,
  Locals,
  ResponseParams,
  Transaction,
} from '../types.js';
import { asModule } from './module.js';

type None = false | null | undefined | '';

/** oauth2orize's callback: it gives a token, and optionally further response parameters. A falsy result denies the request. */
export type GrantToken<C, U> = (
  client: C,
  user: U,
  ares: Decision,
  areq: AuthorizationRequest,
  locals: Locals | undefined,
  authorization: Authorization,
) => Awaitable<string | None | readonly [accessToken: string | None, params?: ResponseParams]>;

/** The checked form. */
export interface CheckedGrantToken<C, U> {
  issue(txn: Transaction<C, U>, authorization: Authorization): Awaitable<IssuedTokens | None>;
}

type Issue<C, U> = GrantToken<C, U> | CheckedGrantToken<C, U>;

/** RFC 6749 §4.2.2: the response names the scope if it differs from the requested one, and MUST NOT contain a refresh token. */
function toParams(
  { scope, request }: Authorization,
  accessToken: unknown,
  params: Readonly<Record<string, unknown>> = {},
): ResponseParams {
  if (!accessToken)
    throw reasoned(
      new AuthorizationError('Request denied by authorization server', 'access_denied'),
      'issue gave no access token',
    );
  requireVisible('An access token', accessToken); // RFC 6749 §A.12
  const { refresh_token: _, ...more } = params as ResponseParams;
  const granted = formatScope(scope);
  const asAsked = granted === formatScope(scopeOf(request) ?? []);
  return { token_type: BEARER, ...(!asAsked && { scope: granted }), ...more, access_token: accessToken };
}

/**
 * Answers `response_type=token` with an access token in the fragment (the implicit grant).
 *
 * @deprecated Legacy, for parity: tokens in URLs leak. RFC 9700 §2.1.2 says SHOULD NOT; use the code grant.
 * @throws TypeError without a callback
 * @example server.grant(grant.token<App, User>((client, user) => db.newToken(client, user)))
 * @see RFC 6749 §4.2
 */
export function token<C = Client, U = unknown>(issue: Issue<C, U>): GrantModuleOf<C, U>;
export function token<C = Client, U = unknown>(options: GrantOptions, issue: Issue<C, U>): GrantModuleOf<C, U>;
export function token<C, U>(first: GrantOptions | Issue<C, U>, second?: Issue<C, U>): GrantModuleOf<C, U> {
  const [options, issue] = splitIssueArguments<GrantOptions, Issue<C, U>>('grant.token', GRANT_OPTIONS, first, second);
  return asModule<C, U>({
    name: 'token',
    grantType: 'implicit', // RFC 7591 §2.1
    responseMode: 'fragment', // RFC 6749 §4.2.2
    isSpent: () => false, // unlike a code, an access token may be used any number of times
    ...(options && { options }),
    async issue(txn, authorization) {
      const { client, user, res, req, locals } = txn;
      if (typeof issue !== 'function') {
        const tokens = (await issue.issue(txn, authorization)) || undefined;
        return toParams(authorization, tokens?.access_token, tokens);
      }
      const issuing = issue(client, user as U, res as Decision, req, locals, authorization);
      if (issuing === undefined) warnOfDone('grant.token', issue);
      const result = await issuing;
      const [accessToken, params] = Array.isArray(result) ? result : [result];
      requireNoPromise('grant.token', accessToken, params);
      return toParams(authorization, accessToken, params);
    },
  });
}
