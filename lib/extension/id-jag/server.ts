/** draft-ietf-oauth-identity-assertion-authz-grant-03: Identity Assertion JWT Authorization Grant (ID-JAG), the server that accepts it. */
import type { AssertionProfile } from '../../assertion/profile.js';
import type { Claims } from '../../types.js';
import { ID_JAG_PROFILE, ID_JAG_TYPE } from './names.js';

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong with the optional claims `authorization_details` and `act`. */
function faultOfAccess({ authorization_details: details, act }: Claims): string | undefined {
  const isList = Array.isArray(details) && details.every(isObject);
  if (details !== undefined && !isList) return 'authorization_details is no list of objects'; // §4.4.1
  return act === undefined || isObject(act) ? undefined : 'act is no object'; // RFC 8693 §4.1
}

/**
 * The profile of an identity provider whose ID-JAGs are accepted. Such an assertion has `typ: oauth-id-jag+jwt`, is for this server alone, and names the client
 * that presents it: no other client can use it, and no other JWT of the identity provider can replace it.
 *
 * @example
 * server.extend(jwtBearer({
 *   issuers: { 'https://idp.example': { jwksURI: 'https://idp.example/jwks', profile: idJAG() } },
 *   authorize: async ({ issuer, subject }) => ({ user: await users.findByLogin(issuer, subject) }),
 * }));
 * @see draft-ietf-oauth-identity-assertion-authz-grant-03 §3.1, §4.4
 */
export function idJAG(): AssertionProfile {
  return {
    name: ID_JAG_PROFILE,
    type: ID_JAG_TYPE,
    faultOf(claims, { clientID, issuer }) {
      const { iss, client_id: named, iat } = claims;
      if (iss === issuer) return 'its issuer is this server itself'; // §8.3: MUST NOT
      if (iat === undefined) return 'iat is missing'; // §3.1: REQUIRED
      if (typeof named !== 'string' || named !== clientID) return 'client_id is not the client that presents it'; // §4.4.1: MUST
      return faultOfAccess(claims);
    },
  };
}
