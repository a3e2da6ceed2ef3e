/**
 * The names of the options of the middleware that begin, load or end a transaction. An application that comes from oauth2orize may give one object to
 * all of them, so each accepts the names of the others, and ignores them.
 */
import type { OptionNames } from '../options.js';
import type { AuthorizationOptions, Callbacks } from './authorization.js';
import type { DecisionOptions } from './decision.js';
import type { RenewalOptions } from './renew.js';

type OfAll = Omit<AuthorizationOptions & DecisionOptions, 'scopeSeparator'>;

const OF_ALL: OptionNames<OfAll> = {
  sessionKey: true,
  userProperty: true,
  idLength: true,
  transactionField: true,
  cancelField: true,
  loadTransaction: true,
  modes: true,
  allowEmptyScope: true,
  done: true,
};

/** The callbacks may be among them. */
export const AUTHORIZATION_OPTIONS: OptionNames<AuthorizationOptions & Partial<Callbacks<unknown, unknown>>> = {
  ...OF_ALL,
  scopeSeparator: true,
  validate: true,
  immediate: true,
  complete: true,
};

/** Of `server.decision`, `server.resume` and `server.authorizationErrorHandler`. */
export const LOAD_OPTIONS: OptionNames<DecisionOptions> = OF_ALL;

export const RENEWAL_OPTIONS: OptionNames<RenewalOptions> = {
  sessionKey: true,
  userProperty: true,
  transactionID: true,
  done: true,
};
