/** Options of deviceAuthorization(). */
import type { Context } from 'koa';
import type { ParseDecision } from '../../callbacks.js';
import { type OptionNames, requireCount, requireKnown } from '../../options.js';
import type { EphemeralStore } from '../../plugs.js';
import { requireLocation } from '../../registry/locations.js';
import type { AuthorizationRequest, Awaitable, Client } from '../../types.js';
import type { RequestOrigin } from './kept.js';

/** A device that a user is about to connect. */
export interface DeviceConnection<C = Client, U = unknown> {
  readonly client: C;
  readonly user: U;
  readonly req: AuthorizationRequest;
  /** Where the request of the device came from. */
  readonly from: RequestOrigin;
}

/** Options of `deviceAuthorization()`. */
export interface DeviceAuthorizationOptions<C = Client, U = unknown> {
  /** Seconds that the user has to type the code and decide, and the device to fetch its tokens: 60 to 1,800. Default 600. @see RFC 8628 §3.2 */
  readonly lifetime?: number;
  /** Seconds that a device waits between two polls: 1 to 60. Default 5. @see RFC 8628 §3.2, §3.5 */
  readonly interval?: number;
  /**
   * Whether the device gets a URL with the user code in it, `verification_uri_complete`, to show as a QR code. The user must still confirm the code. Default
   * `true`.
   *
   * @see RFC 8628 §3.3.1
   */
  readonly completeURI?: boolean;
  /** How many user codes one user may type in 15 minutes, right or wrong. Default 10. @see RFC 8628 §5.1 */
  readonly guesses?: number;
  /**
   * How many user codes all users together may type in 15 minutes from one IP address, right or wrong: `ctx.ip`, or its network of 64 bits for IPv6. Behind a
   * proxy, set Koa's `app.proxy`; without it, all users share the address of the proxy. Default 100.
   *
   * @see RFC 8628 §5.1
   */
  readonly guessesPerAddress?: number;
  /**
   * How many requests of one client are accepted in a minute, by all processes together, if strangers can send them. These are public clients, and clients
   * that anybody can make: by `clientRegistration({ allowAnyone })` or `clientIDMetadata()`, also if they authenticate. A stranger can make several clients:
   * limit the requests of each IP address, too. Default 100.
   */
  readonly publicPerMinute?: number;
  /** The page on which users type the code: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or `/device`. */
  readonly verificationURL?: string;
  /**
   * The device authorization endpoint, for the metadata: a path below the issuer, or a URL. Default: what `createServer({ endpoints })` says, or
   * `/device_authorization`.
   */
  readonly url?: string;
  /**
   * Reads the decision of the user from the form of the dialog, as `server.decision(parse)` does, for example the scopes that the user ticked. Default: a field
   * `cancel` denies the request; without it, all that was asked for is allowed.
   */
  readonly decision?: ParseDecision;
  /**
   * Whether this user may connect this device from their present network, for example only from networks that you trust, or from the network of the device.
   * Called before the dialog is shown, and before a decision counts; any value but `true` refuses. Default: always `true`.
   *
   * @example deviceAuthorization({ mayConnect: (ctx, { from }) => ctx.ip === from.address })
   * @see RFC 10027 §6.1.1, §6.1.8
   */
  readonly mayConnect?: (ctx: Context, device: DeviceConnection<C, U>) => Awaitable<boolean>;
  /** Where requests and counts are kept. Default: the token service of `createServer({ tokens })`. */
  readonly store?: EphemeralStore;
  /** The member of `ctx.state` where client authentication leaves the client, and your login leaves the user. Default `user`. */
  readonly userProperty?: string;
}

const KNOWN: OptionNames<DeviceAuthorizationOptions<never, never>> = {
  lifetime: true,
  interval: true,
  completeURI: true,
  guesses: true,
  guessesPerAddress: true,
  publicPerMinute: true,
  verificationURL: true,
  url: true,
  decision: true,
  mayConnect: true,
  store: true,
  userProperty: true,
};

/** @throws TypeError */
export function requireOptions<C, U>(options: DeviceAuthorizationOptions<C, U>): void {
  requireKnown<DeviceAuthorizationOptions<C, U>>(options, KNOWN, 'deviceAuthorization');
  const { lifetime = 600, interval = 5, guesses = 10, guessesPerAddress = 100, publicPerMinute = 100 } = options;
  const { url, verificationURL } = options;
  requireCount('deviceAuthorization({ lifetime })', lifetime, 60, 1800);
  requireCount('deviceAuthorization({ interval })', interval, 1, 60);
  requireCount('deviceAuthorization({ guesses })', guesses, 1, 1000);
  requireCount('deviceAuthorization({ guessesPerAddress })', guessesPerAddress, 1, 1_000_000);
  requireCount('deviceAuthorization({ publicPerMinute })', publicPerMinute, 0, 1_000_000);
  if (url !== undefined) requireLocation(url, 'deviceAuthorization({ url })');
  if (verificationURL !== undefined) requireLocation(verificationURL, 'deviceAuthorization({ verificationURL })');
}
