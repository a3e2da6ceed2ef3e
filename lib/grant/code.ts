import { AuthorizationError } from '../errors/authorization-error.js';
import { reasoned } from '../errors/reason.js';
import type { Grant, GrantModuleOf, GrantOptions } from '../plugs.js';
import { warnOfDone } from '../registry/done.js';
import { GRANT_OPTIONS } from '../registry/known.js';
import { splitIssueArguments } from '../registry/shape.js';
import { requireVisible } from '../syntax/visible.js';
import type {
  Authorization,
  AuthorizationRequest,
  Awaitable,
  Client,
  Decision,
  Locals,
  ResponseParams,
  Transaction,
} from '../types.js';
import { asModule } from './module.js';

/** oauth2orize's callback. A falsy result denies the request. Store `authorization` with the code: the exchange needs it. */
export type GrantCode<C, U> = (
  client: C,
  redirectURI: string | undefined,
  user: U,
  ares: Decision,
  areq: AuthorizationRequest,
  locals: Locals | undefined,
  authorization: Authorization,
) => Awaitable<string | false | null | undefined>;

/** The checked form. */
export interface CheckedGrantCode<C, U> {
  issue(txn: Transaction<C, U>, authorization: Authorization): Awaitable<string | false | null | undefined>;
  /**
   * Whether a code was redeemed. It lets a user who submits the dialog twice get the same response again while the code is unused. A redeemed
   * code is never sent again, since using it a second time may revoke the tokens (RFC 6749 §4.1.2). Without this function no code is sent again.
   */
  isSpent?(code: string): Awaitable<boolean>;
}

/** Adds to the response parameters. */
export type ExtendResponse<C, U> = (txn: Transaction<C, U>) => Awaitable<ResponseParams | undefined>;

type Issue<C, U> = GrantCode<C, U> | CheckedGrantCode<C, U>;

function isSpentOf<C, U>(issue: Issue<C, U>): Partial<Pick<Grant<C, U>, 'isSpent'>> {
  if (typeof issue === 'function' || !issue.isSpent) return {};
  return { isSpent: async ({ code }) => issue.isSpent?.(String(code)) ?? true };
}

/**
 * Answers `response_type=code` with an authorization code.
 *
 * @param issue makes a code for `authorization`: the checked form, or oauth2orize's callback
 * @param extend adds to the response parameters
 * @throws TypeError without a callback
 * @example server.grant(grant.code({ issue: (txn, authorization) => codes.put(authorization) }))
 * @see RFC 6749 §4.1
 */
export function code<C = Client, U = unknown>(issue: Issue<C, U>, extend?: ExtendResponse<C, U>): GrantModuleOf<C, U>;
export function code<C = Client, U = unknown>(
  options: GrantOptions,
  issue: Issue<C, U>,
  extend?: ExtendResponse<C, U>,
): GrantModuleOf<C, U>;
export function code<C, U>(
  first: GrantOptions | Issue<C, U>,
  second?: Issue<C, U> | ExtendResponse<C, U>,
  third?: ExtendResponse<C, U>,
): GrantModuleOf<C, U> {
  const [options, issue, extend] = splitIssueArguments<GrantOptions, Issue<C, U>, ExtendResponse<C, U>>(
    'grant.code',
    GRANT_OPTIONS,
    first,
    second,
    third,
  );
  return asModule<C, U>({
    name: 'code',
    grantType: 'authorization_code', // RFC 7591 §2.1
    responseMode: 'query', // RFC 6749 §4.1.2
    exposedTo: { attack: 'code injection', warning: 'KOAUTHORIZE_WITHOUT_PKCE' }, // RFC 9700 §2.1.1
    ...(options && { options }),
    ...(extend && { extend }),
    ...isSpentOf(issue),
    async issue(txn, authorization) {
      const { client, req, user, res, locals } = txn;
      const issuing =
        typeof issue === 'function'
          ? issue(client, req.redirectURI, user as U, res as Decision, req, locals, authorization)
          : issue.issue(txn, authorization);
      if (issuing === undefined && typeof issue === 'function') warnOfDone('grant.code', issue);
      const code = await issuing;
      if (!code)
        throw reasoned(
          new AuthorizationError('Request denied by authorization server', 'access_denied'),
          'issue gave no code',
        );
      requireVisible('A code', code); // RFC 6749 §A.11
      return { code };
    },
  });
}
