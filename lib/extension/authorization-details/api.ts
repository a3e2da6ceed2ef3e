/** RFC 9396: OAuth 2.0 Rich Authorization Requests, the API's side. */
import type { AccessToken } from '../../access-token.js';
import { type AuthorizationDetail, type AuthorizationDetails, areDetails } from './detail.js';

/** What has `claims`: an access token; or a row of `tokens.listAuthorizations` or an audit event, whose claims say what an authorization granted. */
export interface HasDetails extends Pick<AccessToken, 'claims'> {
  readonly authorizationDetails?: AuthorizationDetails | undefined;
}

/** Tells whether an element has the fields of its type. */
export type IsDetail<D extends AuthorizationDetail> = (detail: AuthorizationDetail) => detail is D;

const NONE: readonly never[] = [];

/**
 * The elements of one type in the `authorization_details` of an access token, whether `verify`, a JWT or introspection gave them. Elements of other types are
 * left out. A token whose `authorization_details` are malformed permits nothing.
 *
 * The API itself has to compare whether an element is for this API (`locations`) and for this request.
 *
 * @param token `ctx.state.token`, behind `bearer`; or a row of `tokens.listAuthorizations`, or an audit event
 * @param type compared as it is written
 * @example
 * router.post('/payments', (ctx) => {
 *   const payments = detailsOf(ctx.state.token, 'payment_initiation');
 *   if (!payments.some(({ creditorAccount }) => creditorAccount === ctx.query['to'])) ctx.throw(403);
 * });
 * @see RFC 9396 §9
 */
export function detailsOf(token: HasDetails, type: string): AuthorizationDetails;
/**
 * The elements of one type that have the fields of that type.
 *
 * @param is tells whether an element has these fields
 * @example
 * const isPayment = (detail: unknown): detail is Payment => typeof Reflect.get(Object(detail), 'creditorAccount') === 'string';
 * const accounts = detailsOf(ctx.state.token, 'payment_initiation', isPayment).map(({ creditorAccount }) => creditorAccount);
 */
export function detailsOf<D extends AuthorizationDetail>(
  token: HasDetails,
  type: string,
  is: IsDetail<D>,
): readonly D[];
export function detailsOf(
  { claims, authorizationDetails }: HasDetails,
  type: string,
  is?: IsDetail<AuthorizationDetail>,
): AuthorizationDetails {
  const isClaimed = claims !== undefined && Object.hasOwn(claims, 'authorization_details');
  const details: unknown = isClaimed ? claims['authorization_details'] : authorizationDetails;
  if (!areDetails(details)) return NONE; // one malformed element makes the meaning of all others uncertain
  return details.filter((one) => one.type === type && (!is || is(one) === true));
}
