/** What FAPI CIBA (implementer's draft 1, 2019) forbids. In place of the draft's general rules, which are those of FAPI 1.0, it has those of FAPI 2.0. */
import { FLOW_CLAUSES, generalClauses } from '../fapi2/clauses.js';
import type { Clause } from '../rule.js';
import { FAPI_CIBA as ALGORITHMS } from '../rules/algorithms.js';
import { unsignedBackchannel, withoutBackchannel, withoutContext } from '../rules/backchannel.js';

export const FAPI_CIBA_PROFILE = "FAPI CIBA, implementer's draft 1";

export const FAPI_CIBA: readonly Clause[] = [
  ...generalClauses(ALGORITHMS, 'FAPI CIBA §7.10'),
  ...FLOW_CLAUSES,
  { rule: withoutBackchannel, section: 'FAPI CIBA §5.2.2 no. 4' },
  { rule: withoutContext, section: 'FAPI CIBA §5.2.2 no. 2' },
  { rule: unsignedBackchannel, section: 'FAPI CIBA §5.2.2 no. 6' },
];
