/** Judges the members of a registration that ID tokens and requests are made by. @see OpenID Connect Registration §2 */
import type { Core } from '../../core.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import { signingAlgorithms } from '../../keys/sign.js';
import type { ClientMetadata } from '../../types.js';
import { isLoginURI } from './initiate-login.js';
import type { OpenIDOptions } from './options.js';
import { verifySector } from './sector.js';
import { subjectTypesOf } from './subject.js';

function invalid(message: string): OAuth2Error {
  return new OAuth2Error(message, 'invalid_client_metadata', undefined, 400); // RFC 7591 §3.2.2
}

/** Not encrypted here: an ID token or a UserInfo response that is not would be what the client does not take. */
const ENCRYPTED = [
  'id_token_encrypted_response_alg',
  'id_token_encrypted_response_enc',
  'userinfo_encrypted_response_alg',
  'userinfo_encrypted_response_enc',
] as const;

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** What is wrong with it, if anything is. */
function faultOf({
  default_max_age,
  require_auth_time,
  default_acr_values,
  initiate_login_uri,
}: ClientMetadata): string | undefined {
  if (default_max_age !== undefined && !(Number.isSafeInteger(default_max_age) && default_max_age >= 0))
    return 'default_max_age must be a whole number of seconds';
  if (require_auth_time !== undefined && typeof require_auth_time !== 'boolean')
    return 'require_auth_time must be true or false';
  if (default_acr_values !== undefined && !isTexts(default_acr_values))
    return 'default_acr_values must be an array of strings';
  if (initiate_login_uri !== undefined && !isLoginURI(initiate_login_uri))
    return 'initiate_login_uri must be an https URL';
  return undefined;
}

/** The algorithms that sign for a client. */
const ALGORITHMS = ['id_token_signed_response_alg', 'userinfo_signed_response_alg'] as const;

/** @throws OAuth2Error `invalid_client_metadata` */
export async function judgeRegistration<C, U>(
  { keys }: Core<C, U>,
  options: OpenIDOptions<C, U>,
  metadata: ClientMetadata,
): Promise<ClientMetadata> {
  const encrypted = ENCRYPTED.find((name) => metadata[name] !== undefined);
  if (encrypted !== undefined) throw invalid(`${encrypted} is not supported`);
  const supported = signingAlgorithms(keys);
  for (const name of ALGORITHMS) {
    const { [name]: alg } = metadata;
    if (alg !== undefined && !supported.includes(alg)) throw invalid(`${name} is one of ${supported.join(', ')}`);
  }
  const { subject_type: type } = metadata;
  if (type !== undefined && !subjectTypesOf(options).includes(type))
    throw invalid(`subject_type ${type} is not supported`);
  const fault = faultOf(metadata);
  if (fault !== undefined) throw invalid(fault);
  await verifySector(metadata, options.fetch);
  return metadata;
}
