/** RFC 9396: OAuth 2.0 Rich Authorization Requests, the API's side. */
import type { AccessToken } from '../../access-token.js';
import { type AuthorizationDetail, type AuthorizationDetails, areDetails } from './detail.js';

/** An access token; or a row of `tokens.listAuthorizations` or an audit event, which say of an authorization what was granted. */
export interface HasDetails extends Pick<AccessToken, 'claims'> {
  readonly authorizationDetails?: AuthorizationDetails | undefined;
}

/** Tells whether an element has the fields of its type. */
export type IsDetail<D extends AuthorizationDetail> = (detail: AuthorizationDetail) => detail is D;

const NONE: readonly never[] = [];

/**
 * What an access token permits of one type of `authorization_details`: what `verify`, a JWT and introspection say of it, alike. Elements of other
 * types are left out. Where what the token says is malformed, it permits nothing.
 *
 * Whether an element is for this API (`locations`) and for this request is the API's to compare.
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
 * The same, and only elements that have the fields of the type.
 *
 * @param is whether an element has them
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
  if (!areDetails(details)) return NONE; // whoever writes one element wrong may have meant another thing by all of them
  return details.filter((one) => one.type === type && (!is || is(one) === true));
}
