/** The names of the options of a token service. */
import { type OptionNames, requireKnown } from '../options.js';
import type { Lifetimes, TokenServiceOptions } from './options.js';

const OPTIONS: OptionNames<TokenServiceOptions> = {
  store: true,
  adopt: true,
  adoptCode: true,
  lifetimes: true,
  accessTokens: true,
  refreshTokens: true,
  clientScope: true,
  rotate: true,
  tolerateRepeatedCode: true,
  username: true,
  findClient: true,
  authenticate: true,
  clientID: true,
  subject: true,
  authenticationEvent: true,
  isPublic: true,
  grace: true,
  maxRefreshes: true,
  timeout: true,
  now: true,
};

const LIFETIMES: OptionNames<Lifetimes> = {
  code: true,
  accessToken: true,
  refreshToken: true,
  authorization: true,
};

/**
 * Compares the names of the options. If `lifetimes` is a function, its results are not compared: that could fail only at a client's request.
 *
 * @throws TypeError
 */
export function requireKnownOptions<C, U>(options: TokenServiceOptions<C, U>): void {
  const { lifetimes } = options;
  requireKnown<TokenServiceOptions<C, U>>(options, OPTIONS, 'tokenService');
  if (typeof lifetimes === 'function') return;
  requireKnown<Partial<Lifetimes>>(lifetimes, LIFETIMES, 'tokenService({ lifetimes })');
}
