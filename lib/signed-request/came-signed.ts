/** Which requests came signed. Extensions that do not know each other see it here. */
import { perRequest } from '../http/per-request.js';
import type { SignedRequest } from './verify.js';

/** What a signed request is remembered by once it was answered. */
export interface Mark {
  readonly key: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** A request that came signed: what was verified, which nobody needs to look for again in what was sent. */
export interface CameSigned extends SignedRequest {
  /** What the step `take` remembers it by, where it does so. */
  readonly mark: Mark | undefined;
}

/** Set for a request that was signed. */
export const cameSigned = perRequest<CameSigned>('signed request');
