/** The steps that `private_key_jwt` and `client_secret_jwt` have in common: RFC 7521 §4.2, RFC 7523 §2.2. */
import type { KeyObject } from 'node:crypto';
import type { JWTPayload, ProtectedHeaderParameters } from 'jose';
import { readAssertion, type UnverifiedAssertion } from '../assertion/read.js';
import { authSigningAlgOf } from '../clients/registration.js';
import { Reason } from '../errors/reason.js';
import { isSignedBy } from '../keys/jws.js';
import { clientAssertion } from '../token/assertion.js';
import type { Awaitable, Params } from '../types.js';
import { type AssertionOptions, assertionSettings, LearnedSettings, type UseOnce } from './assertion.js';
import { type AcceptableAssertion, requireAcceptable, rulesWith } from './assertion-claims.js';
import { authenticationFailed } from './failure.js';
import type { ClientAuthMethod } from './method.js';
import { whyUnproved } from './why-unproved.js';

export type VerificationKey = KeyObject | Uint8Array;

/** The steps in which the two methods differ. */
export interface AssertionMethod<C> {
  readonly name: string;
  /** Every signature algorithm that the method supports. */
  readonly algorithms: readonly string[];
  /** The client's key for a JWS with this header; undefined if it has none. */
  keyOf(client: C, header: ProtectedHeaderParameters): Awaitable<VerificationKey | undefined>;
  /** Called when the signature is valid: refuses a secret that has expired. @throws TokenError */
  requireUsable?(client: C, clientID: string, now: number): void;
  /** A key of no client. If a client has no key, the signature is verified with this one, so that the answer takes the same time. */
  decoyKey(alg: string): Awaitable<VerificationKey>;
}

interface Assertion extends UnverifiedAssertion {
  readonly claims: JWTPayload & { readonly sub: string };
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The assertion in a request, not verified; undefined if the request has none. @throws TokenError `invalid_client` if it is malformed */
function assertionIn(params: Params): Assertion | undefined {
  const [type, text] = [params.get('client_assertion_type'), params.get('client_assertion')];
  if (type === undefined && text === undefined) return undefined;
  // RFC 7521 §4.2: both are REQUIRED
  if (type !== ASSERTION_TYPE) throw authenticationFailed('client_assertion_type is not that of a JWT');
  if (text === undefined) throw authenticationFailed('client_assertion is missing');
  try {
    const assertion = readAssertion(text);
    const { sub } = assertion.claims;
    if (typeof sub !== 'string') throw new TypeError('It has no sub');
    return { ...assertion, claims: { ...assertion.claims, sub } };
  } catch (cause) {
    throw authenticationFailed(`client_assertion is malformed: ${cause}`);
  }
}

/** Whether a client may sign with this algorithm. A client that registered one may use no other. @see RFC 7591 §2, OpenID Connect Registration §2 */
function mayUse(client: unknown, alg: string): boolean {
  return (authSigningAlgOf(client) ?? alg) === alg;
}

/** The fault of the signature; undefined if the signature is valid. */
async function faultOfSignature<C>(method: AssertionMethod<C>, client: C, { jws, header }: Assertion) {
  const { alg, kid } = header;
  const key = mayUse(client, alg) ? await method.keyOf(client, header) : undefined;
  const anyKey = key ?? (await method.decoyKey(alg)); // the time of an answer must not tell which clients have which keys
  const isRight = await isSignedBy(jws, anyKey, alg);
  if (key !== undefined) return isRight ? undefined : new Reason('its signature is wrong', { alg, kid });
  const registered = authSigningAlgOf(client);
  return mayUse(client, alg)
    ? new Reason('the client has no key that fits it', { alg, kid })
    : new Reason('it is signed by another algorithm than the client registered', { alg, registered });
}

/** RFC 7523 §3 item 7: refuses an assertion that was used before, in any process. @throws TokenError `invalid_client` */
async function requireFirst(
  useOnce: UseOnce,
  clientID: string,
  { jti, expiresAt }: AcceptableAssertion,
): Promise<void> {
  const isFirst = (await useOnce(JSON.stringify(['client_assertion', clientID, jti]), expiresAt)) === true;
  if (!isFirst) throw authenticationFailed(`A client_assertion of ${clientID} was used again`);
}

/**
 * Makes a client authentication method with JWTs.
 *
 * @throws TypeError for options that no assertion could satisfy
 */
export function assertionMethod<C, A extends string>(
  method: AssertionMethod<C>,
  options: AssertionOptions<A, C>,
): ClientAuthMethod<C> {
  // judges the options at once; `issuer` and `useOnce` may come later, from the server
  const { algorithms } = assertionSettings(method, { issuer: 'any', useOnce: () => false, ...options });
  const learned = new LearnedSettings(method, options);
  /** RFC 8725 §3.1: both methods read the parameter `client_assertion`. Each takes only assertions that are signed with its own algorithms. */
  const readOwn = (params: Params): Assertion | undefined => {
    const assertion = assertionIn(params);
    return assertion && algorithms.includes(assertion.header.alg) ? assertion : undefined;
  };
  return {
    name: method.name,
    algorithms,
    connect: (server) => learned.connect(server),
    identify({ params }) {
      const assertion = readOwn(params);
      return assertion ? [assertion.claims.sub] : []; // RFC 7523 §3 item 2: the client_id
    },
    async verify(client, { ctx, params, clientID, isPretence }) {
      const assertion = readOwn(params);
      if (assertion?.claims.sub !== clientID) return false;
      const fault = await faultOfSignature(method, client, assertion);
      if (fault) {
        whyUnproved.set(ctx, new Reason(`client_assertion: ${fault.what}`, fault.values));
        return false;
      }
      const { now, useOnce, rules: common, furtherAudiences } = learned.settings;
      const rules = rulesWith(assertion.header, common, furtherAudiences(client));
      const acceptable = requireAcceptable(assertion.header, assertion.claims, rules, now());
      if (isPretence) return false;
      method.requireUsable?.(client, clientID, now());
      await requireFirst(useOnce, clientID, acceptable);
      clientAssertion.set(ctx, assertion);
      return true;
    },
  };
}
