/** Remembers that a request was signed. Extensions that do not import each other share this information here. */
import { perRequest } from '../http/per-request.js';
import type { SignedRequest } from './verify.js';

/** How a signed request is remembered once it was answered, so that it cannot be used again. */
export interface Mark {
  readonly key: string;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** The verified content of a signed request, so that other extensions need not read it again from the parameters. */
export interface CameSigned extends SignedRequest {
  /** How the step `take` remembers it; undefined if it does not. */
  readonly mark: Mark | undefined;
}

/** The signed request of this HTTP request; unset if it was not signed. */
export const cameSigned = perRequest<CameSigned>('signed request');
