/** Checks the members of a registration for ID tokens and requests. @see OpenID Connect Registration §2 */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { isRemoteURL } from '../../clients/judge-keys.js';
import { refuseUnsupported, requireOneOf } from '../../clients/judge-members.js';
import { refuseInQueries } from '../../clients/judge-redirect-uris.js';
import type { Core } from '../../core.js';
import { signingAlgorithms } from '../../keys/sign.js';
import type { ClientMetadata } from '../../types.js';
import type { OpenIDOptions } from './options.js';
import { subjectTypesOf } from './subject.js';

/** Refused, since this server encrypts neither ID tokens nor UserInfo responses, and the client would not accept unencrypted ones. */
const ENCRYPTED = [
  'id_token_encrypted_response_alg',
  'id_token_encrypted_response_enc',
  'userinfo_encrypted_response_alg',
  'userinfo_encrypted_response_enc',
] as const;

/** The algorithms that sign for a client. */
const ALGORITHMS = ['id_token_signed_response_alg', 'userinfo_signed_response_alg'] as const;

/** The members of a registration that are read here. */
export const REGISTERED: readonly (keyof ClientMetadata)[] = [
  ...ENCRYPTED,
  ...ALGORITHMS,
  ...(['subject_type', 'sector_identifier_uri', 'default_max_age', 'require_auth_time'] as const),
  ...(['default_acr_values', 'initiate_login_uri'] as const),
];

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** OpenID Connect Core §3.1.2.1: a client that needs the time of the login, where nothing knows it, would fail at each of its requests. */
function timeFault<C, U>({ knowsLogins }: Core<C, U>, metadata: ClientMetadata): string | undefined {
  if (knowsLogins) return undefined;
  const needed = metadata.require_auth_time === true ? 'require_auth_time' : 'default_max_age';
  return metadata[needed] === undefined ? undefined : `${needed}: the server does not know when users log in`;
}

/** What is wrong with the registration; undefined if nothing is. */
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
  // OpenID Connect Registration §2: it MUST use https, on a loopback host, too
  if (initiate_login_uri !== undefined && !isRemoteURL(initiate_login_uri))
    return 'initiate_login_uri must be an https URL';
  return undefined;
}

/** @throws OAuth2Error `invalid_client_metadata`, `invalid_redirect_uri` */
export async function judgeRegistration<C, U>(
  core: Core<C, U>,
  options: OpenIDOptions<C, U>,
  metadata: ClientMetadata,
  verifySector: (metadata: ClientMetadata) => Promise<void>,
): Promise<ClientMetadata> {
  refuseUnsupported(metadata, ENCRYPTED);
  for (const name of ALGORITHMS) requireOneOf(metadata, name, signingAlgorithms(core.keys));
  const { subject_type: type } = metadata;
  if (type !== undefined && !subjectTypesOf(options).includes(type))
    throw invalidMetadata(`subject_type ${type} is not supported`);
  const fault = faultOf(metadata) ?? timeFault(core, metadata);
  if (fault !== undefined) throw invalidMetadata(fault);
  refuseInQueries(metadata, ['id_token']); // Core §3.2.2.5
  await verifySector(metadata);
  return metadata;
}
