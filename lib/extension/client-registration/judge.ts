/** Checks what a client sent, and returns its metadata in the form that is stored. */
import { announcedMethods } from '../../clients/judge-authentication.js';
import { judgeMetadata, type MetadataRules } from '../../clients/judge-metadata.js';
import { untagged } from '../../clients/judge-texts.js';
import type { Core } from '../../core.js';
import { BadRequestError } from '../../errors/bad-request-error.js';
import { OAuth2Error } from '../../errors/oauth2-error.js';
import type { ClientMetadata } from '../../types.js';
import type { Sent } from './body.js';
import type { ClientRegistrationOptions, RegistrationRequest } from './options.js';
import type { RegisteredClient } from './registered.js';
import { requireSameSoftware, statementVerifier, type VerifiedStatement } from './statement.js';

/** Grant types by which a user decides what the client gets. */
const DECIDED_BY_USERS: readonly string[] = [
  ...['authorization_code', 'implicit', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
  'urn:openid:params:grant-type:ciba',
];

/** Members that only the server sets: neither a client nor a statement can choose them. */
const OF_SERVER: readonly (keyof RegisteredClient | 'client_secret' | 'registration_client_uri' | '__proto__')[] = [
  ...(['client_id', 'client_id_issued_at', 'client_secret', 'client_secret_hash', 'client_secret_expires_at'] as const),
  ...(['registration_access_token_hash', 'registration_version', 'registration_unused_until'] as const),
  ...(['registration_client_uri', '__proto__'] as const),
];
const RESERVED: ReadonlySet<string> = new Set([...OF_SERVER, 'registration_access_token']);

/** The most characters of a registration as JSON. */
const MAX_CHARACTERS = 32 * 1024;

function withoutReserved(given: object): Sent {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !RESERVED.has(name)));
}

/** A request to register, or to change a registration. */
export type Judge = (sent: Sent, request: RegistrationRequest) => Promise<ClientMetadata>;

function missingStatement(): OAuth2Error {
  return new OAuth2Error('A software statement is needed', 'invalid_software_statement', undefined, 400);
}

/** The authentication methods that clients may register. `client_secret_jwt` is left out: its secret would have to be stored in plain text. */
export function methodsFor<C, U>(core: Core<C, U>, { authMethods }: ClientRegistrationOptions): readonly string[] {
  const announced = announcedMethods(core).filter((method) => method !== 'client_secret_jwt');
  return authMethods ? announced.filter((method) => authMethods.includes(method)) : announced;
}

function rulesFor<C, U>(core: Core<C, U>, options: ClientRegistrationOptions, hasStatement: boolean): MetadataRules {
  const { grantTypes = DECIDED_BY_USERS, schemes = [], sameHost, keepUnknownMembers } = options;
  return {
    authMethods: methodsFor(core, options),
    mayHaveGrant: (grantType) => grantTypes.includes(grantType),
    schemes,
    sameHost: sameHost === true,
    keepsUnknown: keepUnknownMembers === true,
    byStranger: options.allowAnyone === true && !hasStatement,
  };
}

/**
 * The sent members without translations of members of the statement: a page in that language would show a text that no issuer has vouched for.
 *
 * @see RFC 7591 §2.2
 */
function withoutVariants(sent: Sent, vouched: Sent): Sent {
  return Object.fromEntries(Object.entries(sent).filter(([name]) => !Object.hasOwn(vouched, untagged(name) ?? name)));
}

/** @returns a function that throws OAuth2Error with a code of RFC 7591 §3.2.2 */
export function judgeFor<C, U>(core: Core<C, U>, options: ClientRegistrationOptions): Judge {
  const { softwareStatements, review } = options;
  const verify = softwareStatements && statementVerifier(core, softwareStatements);
  /**
   * A change of a registration with a software statement needs this statement or a later one. Otherwise the client could replace the claims of the statement.
   */
  const statementIn = async (sent: Sent, { earlier }: RegistrationRequest): Promise<VerifiedStatement | undefined> => {
    const { software_statement: text } = sent;
    const { software_statement: before } = earlier ?? {};
    if (!verify) return undefined;
    if (text === undefined || text === null) {
      if (softwareStatements?.required === true || before !== undefined) throw missingStatement();
      return undefined;
    }
    const statement = await verify(text);
    if (before !== undefined) requireSameSoftware(before, text);
    return statement;
  };
  return async (sent, request) => {
    const statement = await statementIn(sent, request);
    const vouched = withoutReserved(statement?.metadata ?? {});
    const merged = { ...withoutVariants(withoutReserved(sent), vouched), ...vouched }; // §2.3: the statement takes precedence
    // a statement inside a statement is ignored; §3.2.1: the one that was sent MUST be returned unmodified
    const given = { ...merged, software_statement: statement && sent['software_statement'] };
    const judged = await judgeMetadata(core, given, rulesFor(core, options, statement !== undefined));
    const about = { ...request, statementIssuer: statement?.issuer };
    const kept = review ? withoutReserved(await review(judged, about)) : judged;
    if (JSON.stringify(kept).length > MAX_CHARACTERS) throw new BadRequestError('The registration is too large', 413);
    return kept;
  };
}
