import { reasoned } from '../errors/reason.js';
import { TokenError } from '../errors/token-error.js';
import type { Check, Exchange, Respond } from '../plugs.js';
import { splitIssuer } from '../registry/shape.js';
import type { Authorization, Awaitable, Client, IssuedTokens, Params, TokenRequest } from '../types.js';
import { type Issued, issueBy } from './issued.js';
import type { ExchangeOptions } from './options.js';

const REFUSAL = 'Invalid authorization code';
const NO_AUTHORIZATION = 'redeem gave no authorization: the code is unknown, expired or used, or another client has it';

/**
 * oauth2orize's callback: redeems the code and issues in one. Whoever stored the Authorization with the code calls
 * `check(authorization)` before handing out tokens; with extensions such as PKCE plugged in, it must.
 */
export type ExchangeCode<C> = (
  client: C,
  code: string,
  redirectURI: string | undefined,
  body: Readonly<Record<string, string>>,
  authInfo: unknown,
  check: Check,
) => Awaitable<Issued>;

/** The checked form: between `redeem` and `issue` the toolkit compares client, redirect URI and all that extensions know. */
export interface CheckedCode<C, A extends Authorization> {
  /** Looks a code up, taking it: of concurrent calls with one code exactly one gets the Authorization. Falsy refuses. */
  redeem(code: string, request: TokenRequest<C>): Awaitable<A | false | null | undefined>;
  /**
   * Makes the tokens. Where `redeem` only looks up, this spends the code, in one step with storing the tokens.
   *
   * @param respond to be called with the tokens before they are stored, where that can still fail without loss
   */
  issue(authorization: A, request: TokenRequest<C>, respond: Respond): Awaitable<IssuedTokens>;
  /** Where `redeem` only looks up: makes the code good for nobody, as its client has shown a wrong verifier or key. */
  spend?(authorization: A, request: TokenRequest<C>): Awaitable<void>;
}

type Options = Pick<ExchangeOptions, 'userProperty'>;
type Issue<C, A extends Authorization> = ExchangeCode<C> | CheckedCode<C, A>;

function requireCode(params: Params): string {
  const code = params.get('code');
  if (code === undefined) throw new TokenError('Missing required parameter: code', 'invalid_request');
  return code;
}

/** RFC 6749 §4.1.3: identical, if the authorization request had one; else it may only repeat where the code was sent. */
function checkRedirectURI({ request, redirectURI }: Authorization, presented: string | undefined): void {
  const same =
    request.redirectURI === undefined ? (presented ?? redirectURI) === redirectURI : presented === request.redirectURI;
  if (same) return;
  const error = new TokenError('Redirect URI is not the one of the authorization request', 'invalid_grant');
  const values = { came: presented, authorization_request: request.redirectURI, code_sent_to: redirectURI };
  throw reasoned(error, 'redirect_uri must be the one of the authorization request', values);
}

/**
 * Exchanges authorization codes for access tokens.
 *
 * @param issue the checked form, or oauth2orize's callback
 * @throws TypeError without a callback
 * @example server.exchange(exchange.authorizationCode({ redeem: (code) => codes.take(code), issue: (authorization) => tokens.make(authorization) }))
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
  const [options, issue] = splitIssuer<Options, Issue<C, A>>('exchange.authorizationCode', first, second);
  return {
    name: 'authorization_code',
    userProperty: options?.userProperty,
    async redeem(request) {
      const { client, params, body, authInfo } = request;
      const code = requireCode(params);
      if (typeof issue === 'function') {
        const issuing = (check: Check): Promise<IssuedTokens> =>
          issueBy(request, REFUSAL, () => issue(client, code, params.get('redirect_uri'), body, authInfo, check));
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
