/** RFC 9701: an introspection response as a signed JWT, the API's side. */
import type { JWTPayload } from 'jose';
import { CLOCK_SKEW } from '../../clock.js';
import { verifyJWT } from '../../keys/jwt.js';
import { KeysUnavailableError } from '../../keys/remote-keys.js';
import { type OptionNames, requireKnown } from '../../options.js';
import type { FetchOptions } from '../../resource-server/fetch-json.js';
import {
  issuerKeys,
  requireSignedBy,
  SIGNED_BY_OPTIONS,
  type SignedByOptions,
} from '../../resource-server/issuer-keys.js';
import { VerifierUnavailableError } from '../../resource-server/unavailable.js';
import type { Claims } from '../../types.js';
import { RESPONSE_TYPE } from './media-type.js';

/** Who signs the introspection responses that an API gets, and for which audience. */
export interface IntrospectionJWTOptions extends SignedByOptions {
  /** The audience of the responses: the name of this API at the authorization server. Default: `clientID`. */
  readonly audience?: string;
}

const KNOWN: OptionNames<IntrospectionJWTOptions> = { ...SIGNED_BY_OPTIONS, audience: true };

/** The settings of the verifier that asks. */
interface Asking extends FetchOptions {
  readonly endpoint: string;
  readonly clientID?: string | undefined;
  now(): number;
}

/** Reads a response. @param asked when the authorization server was asked, in epoch seconds */
export type ReadResponse = (jwt: string, asked: number) => Promise<Claims>;

function requireAudience(audience: string | undefined): string {
  if (audience) return audience;
  throw new TypeError(
    'introspectionVerifier({ jwtResponses: { audience } }) is needed if there is no clientID: the name of this API at the authorization server',
  );
}

/** @throws Error for a response that was not made for this question, or has no members */
function membersOf({ iat, token_introspection: members }: JWTPayload, asked: number, now: number): Claims {
  // RFC 9701 §5: iat is when the response was made. An attacker could replay an older one, of a time before the token was revoked
  if (iat === undefined || iat < asked - CLOCK_SKEW || iat > now + CLOCK_SKEW)
    throw new Error(`it was made at ${iat}, and asked for at ${asked}`);
  if (typeof members !== 'object' || members === null || Array.isArray(members))
    throw new Error('its token_introspection is not an object');
  return { ...members };
}

/**
 * Makes a function that returns the members of a signed response, which are those of RFC 7662 §2.2.
 *
 * @throws TypeError for invalid options
 * @returns a function that throws VerifierUnavailableError for anything but such a JWT, also for JSON, which could have been changed in transit
 * @see RFC 9701 §5
 */
export function jwtResponseReader(options: IntrospectionJWTOptions, asking: Asking): ReadResponse {
  requireKnown<IntrospectionJWTOptions>(options, KNOWN, 'introspectionVerifier({ jwtResponses })');
  const algorithms = requireSignedBy(options, asking);
  const { endpoint, now } = asking;
  const { issuer } = options;
  const audience = [requireAudience(options.audience ?? asking.clientID)];
  const findKey = issuerKeys(options, asking, now);
  const expected = { issuer, audience, algorithms, typ: RESPONSE_TYPE, skew: CLOCK_SKEW };
  return async (jwt, asked) => {
    try {
      const { claims } = await verifyJWT(jwt.trim(), findKey, { ...expected, now: now() });
      return membersOf(claims, asked, now());
    } catch (error) {
      if (error instanceof KeysUnavailableError || error instanceof VerifierUnavailableError) throw error;
      // without the error itself, which may contain all claims of the JWT
      const reason = error instanceof Error ? error.message : String(error);
      throw new VerifierUnavailableError(
        `${endpoint} was asked for a JWT of ${issuer} for ${audience}, and answers with none that counts: ${reason}`,
      );
    }
  };
}
