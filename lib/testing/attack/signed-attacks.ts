/** Attacks on requests and responses that are pushed or signed, and on tokens that are bound to a key. */
import type { Attack } from './attack.js';
import {
  dpopCodeOfAnotherKey,
  dpopDowngrade,
  dpopRefreshOfAnotherKey,
  dpopTokenOfAnotherKey,
} from './dpop/bindings.js';
import { dpopAtIntrospectingAPI } from './dpop/introspecting.js';
import { dpopProofForgery, dpopProofOfAnotherRequest, dpopProofReplay } from './dpop/proofs.js';
import {
  pushedRequestBeside,
  pushedRequestOfAnotherClient,
  pushedRequestReplay,
  pushedRequestWithoutAuthentication,
} from './pushed/attacks.js';
import {
  requestObjectBeside,
  requestObjectConfusion,
  requestObjectForgery,
  requestObjectOfAnotherClient,
} from './signed/forgery.js';
import { signedResponseMixUp } from './signed/response.js';

export const signedAttacks: readonly Attack[] = [
  pushedRequestWithoutAuthentication,
  pushedRequestOfAnotherClient,
  pushedRequestReplay,
  pushedRequestBeside,
  requestObjectForgery,
  requestObjectConfusion,
  requestObjectOfAnotherClient,
  requestObjectBeside,
  signedResponseMixUp,
  dpopProofForgery,
  dpopProofOfAnotherRequest,
  dpopProofReplay,
  dpopDowngrade,
  dpopTokenOfAnotherKey,
  dpopCodeOfAnotherKey,
  dpopRefreshOfAnotherKey,
  dpopAtIntrospectingAPI,
];
