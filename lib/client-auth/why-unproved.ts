import type { Reason } from '../errors/reason.js';
import { perRequest } from '../http/per-request.js';

/** The operator's reason why a client's proof is invalid. The method returns only `false`, because a reason in its place could be mistaken for success. */
export const whyUnproved = perRequest<Reason>('why unproved');
