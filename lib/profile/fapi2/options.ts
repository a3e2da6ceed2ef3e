/** What fapi2(), and the profiles that are built on it, take. */

import type { CertificateSource } from '../../certificate/certificate.js';
import { type Finding, type Relaxations, relaxationsOf } from '../../findings.js';
import type { OptionNames } from '../../options.js';
import type { Client } from '../../types.js';
import type { Binding } from '../facts.js';
import type { BindingPart } from '../parts.js';
import type { Clause } from '../rule.js';
import { rotation } from '../rules/tokens.js';

/** Options of `fapi2()`. */
export interface FAPI2Options<C = Client> {
  /**
   * Whether a client is of this profile: `true` or `false`. For the other clients it forbids nothing. Default: all clients are, and what it forbids must not
   * be plugged in.
   */
  readonly appliesTo?: (client: C) => boolean;
  /**
   * What the access tokens of its clients are bound to: a key that they prove to have (`'dpop'`), their certificate (`'mtls'`), or, with `'either'`, the
   * certificate of clients that registered `tls_client_certificate_bound_access_tokens` and a key of all others. Default `'dpop'`.
   *
   * @see FAPI 2.0 Security Profile §5.3.2.1 no. 5
   */
  readonly binding?: Binding;
  /**
   * Where the certificates that tokens are bound to come from, such as `headerCertificate({ name })` behind a proxy. Default: the TLS connection. Where
   * `certificateBoundTokens()` is plugged in before, it says so.
   */
  readonly certificate?: CertificateSource;
  /**
   * Replaces refresh tokens at each use, for the time of a migration, say. Gives up access for a client that did not receive the answer: after the token
   * service's `grace` it is logged out. Default `false`.
   *
   * @see FAPI 2.0 Security Profile §5.3.2.1 no. 9, note 1
   */
  readonly allowRotation?: boolean;
}

export const FAPI_2_OPTIONS: OptionNames<FAPI2Options> = {
  appliesTo: true,
  binding: true,
  certificate: true,
  allowRotation: true,
};

const BINDINGS: readonly unknown[] = ['dpop', 'mtls', 'either'];

/** What tokens are bound by. @param what names the profile. @throws TypeError */
export function bindingIn<C>({ binding = 'dpop', certificate }: FAPI2Options<C>, what: string): BindingPart {
  if (!BINDINGS.includes(binding))
    throw new TypeError(`${what}({ binding }) is one of ${BINDINGS.join(', ')}, not ${binding}`);
  if (certificate && binding === 'dpop')
    throw new TypeError(`${what}({ certificate }) needs binding: 'mtls' or 'either': a DPoP key is in no certificate`);
  return { binding, certificate };
}

/** The clauses that are left. */
export function withoutRelaxed<C>(clauses: readonly Clause[], { allowRotation }: FAPI2Options<C>): readonly Clause[] {
  return allowRotation === true ? clauses.filter(({ rule }) => rule !== rotation) : clauses;
}

/** What a rotation gives up. */
const RELAXATIONS: Relaxations<FAPI2Options> = {
  allowRotation: {
    why: rotation.why,
    section: 'FAPI 2.0 §5.3.2.1 no. 9',
    remedy: 'Leave it out once all refresh tokens are where they belong',
  },
};

/** @param what names the profile */
export function relaxationsIn<C>(options: FAPI2Options<C>, what: string): readonly Finding[] {
  return relaxationsOf<FAPI2Options<C>>(what, options, RELAXATIONS);
}
