/** What FAPI 2.0 Message Signing (final, September 2025) forbids. */
import { FAPI_2_0 } from '../fapi2/clauses.js';
import type { Clause } from '../rule.js';
import { longRequest, unsignedIntrospection, unsignedRequest, unsignedResponse } from '../rules/signing.js';

export const FAPI_2_MESSAGE_SIGNING = 'FAPI 2.0 Message Signing';

const REQUESTS: readonly Clause[] = [
  { rule: unsignedRequest, section: 'FAPI 2.0 Message Signing §5.3.1 no. 1' },
  { rule: longRequest, section: 'FAPI 2.0 Message Signing §5.3.1 no. 3, 4' },
];

const RESPONSES: readonly Clause[] = [{ rule: unsignedResponse, section: 'FAPI 2.0 Message Signing §5.4.1 no. 1' }];

const INTROSPECTION: readonly Clause[] = [
  { rule: unsignedIntrospection, section: 'FAPI 2.0 Message Signing §5.5.1 no. 1' },
];

/** What must be signed. */
export interface Signed {
  readonly requests: boolean;
  readonly responses: boolean;
  readonly introspection: boolean;
}

export function clausesOf({ requests, responses, introspection }: Signed): readonly Clause[] {
  return [
    ...FAPI_2_0,
    ...(requests ? REQUESTS : []),
    ...(responses ? RESPONSES : []),
    ...(introspection ? INTROSPECTION : []),
  ];
}
