import type { Reason } from '../errors/reason.js';
import { perRequest } from '../http/per-request.js';

/** Why a method says that a proof is not the client's, for the operator. The method itself gives `false`: whatever else it gave might be taken for a yes. */
export const whyUnproved = perRequest<Reason>('why unproved');
