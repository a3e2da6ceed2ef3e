/** A payment, with its creditor and its amount, which a scope cannot express. The user is asked about each payment. @see RFC 9396 */
import type { AuthorizationDetail, DetailType } from 'koauthorize';
import type { App } from './clients.js';

export interface Payment extends AuthorizationDetail {
  readonly type: 'payment';
  readonly creditor: string;
  /** Such as `12.50`. */
  readonly amount: string;
  /** ISO 4217, such as `EUR`. */
  readonly currency: string;
}

const isText = (value: unknown, form: RegExp): boolean => typeof value === 'string' && form.test(value);

export const payment: DetailType<App> = {
  required: ['creditor', 'amount', 'currency'],
  validate: ({ creditor, amount, currency }) =>
    isText(creditor, /^[\p{L}\p{N}][\p{L}\p{N} .,&'-]{0,59}$/u) &&
    isText(amount, /^\d{1,9}\.\d\d$/) &&
    isText(currency, /^[A-Z]{3}$/),
};

const isPayment = (detail: AuthorizationDetail): detail is Payment => detail.type === 'payment';

/** Payments in words, for the dialog. */
export const paymentsIn = (details: readonly AuthorizationDetail[] = []): readonly string[] =>
  details.filter(isPayment).map(({ amount, currency, creditor }) => `Pay ${amount} ${currency} to ${creditor}`);
