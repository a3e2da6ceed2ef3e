import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Check, Exchange, Respond } from '../plugs.js';
import { splitIssueArguments } from '../registry/shape.js';
import type { Authorization, Awaitable, Client, IssuedTokens, Params, TokenRequest } from '../types.js';
import { type Issued, issueBy } from './issued.js';
import { EXCHANGE_OPTIONS, type ExchangeOptions } from './options.js';

const REFUSAL = 'Invalid authorization code';
const NO_AUTHORIZATION =
  'redeem gave no authorization: the code is unknown, expired, used or revoked, or was issued to another client';

/**
 * oauth2orize's callback: it redeems the code and issues tokens in one call. It should call `check(authorization)`, with the Authorization
 * that was stored with the code, before it gives tokens. It must do so if an extension has something to compare with it.
 */
export type ExchangeCode<C> = (
  client: C,
  code: string,
  redirectURI: string | undefined,
  body: Readonly<Record<string, string>>,
  authInfo: unknown,
  check: Check,
) => Awaitable<Issued>;

/** The checked form: between `redeem` and `issue` the toolkit compares the client and the redirect URI, and runs the checks of extensions. */
export interface CheckedCode<C, A extends Authorization> {
  /**
   * Looks up the Authorization of a code, and spends the code: of concurrent calls with one code exactly one gets the Authorization. A falsy
   * result refuses the request. It may leave spending the code to `issue` and `spend`.
   */
  redeem(code: string, request: TokenRequest<C>): Awaitable<A | false | null | undefined>;
  /**
   * Makes the tokens. If `redeem` does not spend the code, this does, in one step with storing the tokens.
   *
   * @param respond call it with the tokens before they are stored: if an extension then throws, neither the code nor a token is lost
   */
  issue(authorization: A, request: TokenRequest<C>, respond: Respond): Awaitable<IssuedTokens>;
  /** Spends the code without issuing tokens, because its client has sent a wrong verifier or key. Only needed if `redeem` does not spend it. */
  spend?(authorization: A, request: TokenRequest<C>): Awaitable<void>;
}

type Options = Pick<ExchangeOptions, 'userProperty'>;
type Issue<C, A extends Authorization> = ExchangeCode<C> | CheckedCode<C, A>;

function requireCode(params: Params): string {
  const code = params.get('code');
  if (code === undefined) throw new TokenError('Missing required parameter: code', 'invalid_request');
  return code;
}

/**
 * RFC 6749 §4.1.3: if the authorization request had a redirect_uri, the token request must have the same one. Otherwise the token request may
 * have none, or the one that the code was sent to.
 */
function checkRedirectURI({ request, redirectURI }: Authorization, sent: string | undefined): void {
  const same = request.redirectURI === undefined ? (sent ?? redirectURI) === redirectURI : sent === request.redirectURI;
  if (same) return;
  const error = new TokenError('Redirect URI is not the one of the authorization request', 'invalid_grant');
  const values = { came: sent, authorization_request: request.redirectURI, code_sent_to: redirectURI };
  throw reasoned(error, 'redirect_uri must be the one of the authorization request', values);
}

/**
 * Exchanges authorization codes for access tokens.
 *
 * @param issue the checked form, or oauth2orize's callback
 * @throws TypeError without a callback
 * @example server.exchange(exchange.authorizationCode({ redeem: (code) => codes.take(code), issue: (authorization) => db.makeTokens(authorization) }))
 * @see RFC 6749 §4.1.3
 */
export function authorizationCode<C = Client, A extends Authorization = Authorization>(issue: Issue<C, A>): Exchange<C>;
export function authorizationCode<C = Client, A extends Authorization = Authorization>(
  options: Options,
  issue: Issue<C, A>,
): Exchange<C>;
export function authorizationCode<C, A extends Authorization>(
  first: Options | Issue<C, A>,
  second?: Issue<C, A>,
): Exchange<C> {
  const [options, issue] = splitIssueArguments<Options, Issue<C, A>>(
    'exchange.authorizationCode',
    EXCHANGE_OPTIONS,
    first,
    second,
  );
  return {
    name: 'authorization_code',
    userProperty: options?.userProperty,
    async redeem(request) {
      const { client, params, body, authInfo } = request;
      const code = requireCode(params);
      if (typeof issue === 'function') {
        const issuing = (check: Check): Promise<IssuedTokens> =>
          issueBy(request, REFUSAL, issue, client, code, params.get('redirect_uri'), body, authInfo, check);
        return { checksItself: true, issue: issuing };
      }
      const authorization = await issue.redeem(code, request);
      if (!authorization) throw reasoned(new TokenError(REFUSAL, 'invalid_grant'), NO_AUTHORIZATION);
      return {
        authorization,
        issue: (_check, respond) => issue.issue(authorization, request, respond),
        spend: () => issue.spend?.(authorization, request),
      };
    },
    check(authorization, { params }) {
      checkRedirectURI(authorization, params.get('redirect_uri'));
    },
  };
}
