/** Judges the grant and response types of a registration, which belong together. @see RFC 7591 §2, §2.1 */
import type { Core } from '../core.js';
import { responseTypeKey } from '../syntax/response-type.js';
import type { ClientMetadata } from '../types.js';
import { invalidMetadata } from './invalid-metadata.js';
import { isText } from './member.js';
import { grantTypesFor } from './permitted.js';

const MAX_TYPES = 30;

/** Grant types that an authorization endpoint answers for. @see RFC 7591 §2.1 */
const OF_RESPONSES = ['authorization_code', 'implicit'];

function requireTexts(name: string, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.length <= MAX_TYPES && value.every(isText)) return [...new Set(value)];
  throw invalidMetadata(`${name} must be an array of strings`, { came: value });
}

/** The grant types that this server has. */
function supportedGrants<C, U>(core: Core<C, U>): ReadonlySet<string> {
  const ofResponses = [...core.grants.keys()].flatMap((type) => grantTypesFor(core, type));
  return new Set([...core.exchangers.flatMap(({ type }) => type ?? []), ...ofResponses]);
}

/** The values of a list that can be registered. @throws OAuth2Error if none of them can */
function left(name: string, asked: readonly string[], isLeft: (one: string) => boolean): readonly string[] {
  const kept = asked.filter(isLeft);
  if (kept.length > 0 || asked.length === 0) return kept;
  throw invalidMetadata(`${name}: none of these can be registered here`, { came: asked });
}

/** The response types of a client that sent none: `code`, if it has the grant type for `code`. @see RFC 7591 §2 */
function usualResponses(grantTypes: readonly string[] | undefined): readonly string[] {
  return grantTypes === undefined || grantTypes.includes('authorization_code') ? ['code'] : [];
}

/** @throws OAuth2Error if response types and grant types contradict each other. @see RFC 7591 §2.1 */
function requireConsistent<C, U>(core: Core<C, U>, grants: readonly string[], responses: readonly string[]): void {
  for (const type of responses) {
    const missing = grantTypesFor(core, type).find((needed) => !grants.includes(needed));
    if (missing !== undefined)
      throw invalidMetadata(`The response type ${type} needs the grant type ${missing}`, { grants, responses });
  }
}

/**
 * Leaves out the types that the server does not support, and those that such a client may not register; the response shows the client what is left (RFC 7591
 * §3.2.1).
 *
 * @param mayRegister whether such a client may have that grant type
 * @throws OAuth2Error `invalid_client_metadata`
 */
export function judgeGrants<C, U>(
  core: Core<C, U>,
  metadata: ClientMetadata,
  mayRegister: (grantType: string) => boolean,
): Required<Pick<ClientMetadata, 'grant_types' | 'response_types'>> {
  const asked = requireTexts('grant_types', metadata.grant_types);
  const askedTypes = requireTexts('response_types', metadata.response_types) ?? usualResponses(asked);
  const supported = supportedGrants(core);
  const mayHave = (grantType: string): boolean => supported.has(grantType) && mayRegister(grantType);
  const isThere = (type: string): boolean =>
    core.grants.has(responseTypeKey(type)) && grantTypesFor(core, type).every(mayHave);
  const responses = left('response_types', askedTypes, isThere);
  const needed = new Set(responses.flatMap((type) => grantTypesFor(core, type)));
  if (asked === undefined) return { grant_types: [...needed], response_types: responses };
  requireConsistent(core, asked, responses);
  const isUnused = (grantType: string): boolean => OF_RESPONSES.includes(grantType) && !needed.has(grantType);
  const unused = asked.find(isUnused);
  if (unused !== undefined && responses.length === askedTypes.length)
    throw invalidMetadata(`The grant type ${unused} needs a response type`, { grants: asked, responses });
  const grants = left('grant_types', asked, (grantType) => mayHave(grantType) && !isUnused(grantType));
  return { grant_types: grants, response_types: responses };
}
