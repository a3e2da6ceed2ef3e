/** Reads the parameter `claims`. @see OpenID Connect Core §5.5 */
import { AuthorizationError } from '../../errors/authorization-error.js';
import { reasoned } from '../../errors/reason.js';
import { parseJSON } from '../../http/depth.js';
import type { ClaimRequest, ClaimRequests, RequestedClaims } from './members.js';

/** In characters. A request for every standard claim at both places has fewer than 2,000. */
const MAX_CHARACTERS = 8192;

/** The most claims for one place, and the most values of one claim. */
const MAX_ITEMS = 100;

function invalid(why: string): AuthorizationError {
  return reasoned(new AuthorizationError('The parameter claims cannot be read', 'invalid_request'), why);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** §5.5.1: members that are not understood MUST be ignored. */
function claimRequestIn(name: string, value: unknown): ClaimRequest | null {
  if (value === null) return null;
  if (!isObject(value)) throw invalid(`The request for ${name} is neither null nor an object`);
  const { essential, values } = value;
  if (essential !== undefined && typeof essential !== 'boolean') throw invalid(`essential of ${name} is no boolean`);
  if (values !== undefined && !Array.isArray(values)) throw invalid(`values of ${name} is no array`);
  if (Array.isArray(values) && values.length > MAX_ITEMS) throw invalid(`values of ${name} has too many`);
  return {
    ...(essential !== undefined && { essential }),
    ...('value' in value && { value: value['value'] }),
    ...(Array.isArray(values) && { values }),
  };
}

function claimRequestsIn(place: string, value: unknown): ClaimRequests {
  if (!isObject(value)) throw invalid(`${place} is no object`);
  const requests = Object.entries(value).filter(([name]) => name !== '__proto__'); // it is no claim, and would set the prototype of a copy
  if (requests.length > MAX_ITEMS) throw invalid(`${place} asks for too many claims`);
  return Object.fromEntries(requests.map(([name, request]) => [name, claimRequestIn(name, request)]));
}

function parsed(text: string): unknown {
  try {
    return parseJSON(text);
  } catch {
    throw invalid('It is no JSON, or too deep');
  }
}

/**
 * The claims that a client asks for one by one.
 *
 * @throws AuthorizationError `invalid_request` for a malformed value, and for one with too many claims or values
 */
export function readClaims(text: string): RequestedClaims {
  if (text.length > MAX_CHARACTERS) throw invalid('It is too long');
  const value = parsed(text);
  if (!isObject(value)) throw invalid('It is no object');
  const { userinfo, id_token } = value;
  return {
    // §5.5 does not allow null, but clients without requested claims send it
    ...((userinfo ?? undefined) !== undefined && { userinfo: claimRequestsIn('userinfo', userinfo) }),
    ...((id_token ?? undefined) !== undefined && { id_token: claimRequestsIn('id_token', id_token) }),
  };
}

/** The values that a claim may have; undefined if any value is accepted. */
export function valuesOf(request: ClaimRequest | null | undefined): readonly unknown[] | undefined {
  if (!request) return undefined;
  if (request.values) return request.values;
  return 'value' in request ? [request.value] : undefined;
}
