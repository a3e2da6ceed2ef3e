/** The options of fapi2() and of the profiles that are built on it. */

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
   * Whether the profile applies to a client: `true` or `false`. It forbids nothing to other clients. Default: it applies to all clients, and the server must
   * not have what the profile forbids.
   */
  readonly appliesTo?: (client: C) => boolean;
  /**
   * What the access tokens of its clients are bound to: a DPoP key (`'dpop'`), the client's certificate (`'mtls'`), or, with `'either'`, the certificate for
   * clients that registered `tls_client_certificate_bound_access_tokens` and a DPoP key for all others. Default `'dpop'`.
   *
   * @see FAPI 2.0 Security Profile §5.3.2.1 no. 5
   */
  readonly binding?: Binding;
  /**
   * The source of the client certificates to which tokens are bound, such as `headerCertificate({ name })` behind a proxy. If you plug in
   * `certificateBoundTokens()` before the profile, give the source to that extension instead. Default: the TLS connection.
   */
  readonly certificate?: CertificateSource;
  /**
   * Replaces refresh tokens at each use, for example during a migration. A client that did not receive the new one loses its access after the
   * token service's `grace`. Default `false`.
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

/** Checks the options about binding. @param what the name of the profile, for messages. @throws TypeError for options that contradict each other */
export function bindingIn<C>({ binding = 'dpop', certificate }: FAPI2Options<C>, what: string): BindingPart {
  if (!BINDINGS.includes(binding))
    throw new TypeError(`${what}({ binding }) is one of ${BINDINGS.join(', ')}, not ${binding}`);
  if (certificate && binding === 'dpop')
    throw new TypeError(`${what}({ certificate }) needs binding: 'mtls' or 'either': a DPoP key is in no certificate`);
  return { binding, certificate };
}

/** The clauses without those that the options give up. */
export function withoutRelaxed<C>(clauses: readonly Clause[], { allowRotation }: FAPI2Options<C>): readonly Clause[] {
  return allowRotation === true ? clauses.filter(({ rule }) => rule !== rotation) : clauses;
}

/** The relaxations among these options. */
const RELAXATIONS: Relaxations<FAPI2Options> = {
  allowRotation: {
    why: rotation.why,
    section: 'FAPI 2.0 §5.3.2.1 no. 9',
    remedy: 'Leave it out once the migration is done',
  },
};

/** @param what names the profile */
export function relaxationsIn<C>(options: FAPI2Options<C>, what: string): readonly Finding[] {
  return relaxationsOf<FAPI2Options<C>>(what, options, RELAXATIONS);
}
