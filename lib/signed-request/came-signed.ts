/** Which requests came signed. Extensions that do not know each other see it here. */
import { perRequest } from '../http/per-request.js';

/** What a signed request is remembered by once it was answered. */
export interface Mark {
  readonly key: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** Set for a request that was signed. `mark` is what the step `take` remembers it by, where it does so. */
export const cameSigned = perRequest<{ readonly mark: Mark | undefined }>('signed request');
