import { epoch } from '../clock.js';
import { type BasicCredentials, basicCredentials, isBasic } from '../http/basic.js';
import { authorizationOf } from '../http/headers.js';
import { perRequest } from '../http/per-request.js';
import { requireKnown } from '../options.js';
import { isPromise } from '../promise.js';
import type { Client } from '../types.js';
import { authenticationFailed } from './failure.js';
import type { ClientAuthMethod } from './method.js';
import { type ClientSecretOptions, compareStored, isYes, requireUnexpired } from './secret.js';

/**
 * Client ID and secret in the `Authorization` header: form-encoded, as the RFC requires, or not encoded, as many clients send them.
 *
 * @example clientSecretBasic<App>({ compare: (secret, app) => argon2.verify(app.secret_hash, secret) })
 * @see RFC 6749 §2.3.1
 */
export function clientSecretBasic<C = Client>(options: ClientSecretOptions<C> = {}): ClientAuthMethod<C> {
  requireKnown<ClientSecretOptions<C>>(options, { compare: true, now: true }, 'clientSecretBasic');
  const { compare = compareStored, now = epoch } = options;
  // only for speed: the header is decoded once
  const presented = perRequest<readonly BasicCredentials[]>('basic');
  return {
    name: 'client_secret_basic',
    identify({ ctx }) {
      const header = authorizationOf(ctx);
      if (!isBasic(header)) return [];
      const credentials = basicCredentials(header);
      if (credentials.length === 0) throw authenticationFailed('Malformed Basic header');
      presented.set(ctx, credentials);
      return credentials.map((each) => each.clientID);
    },
    async verify(client, { ctx, clientID }) {
      let isRight = false;
      for (const candidate of presented.of(ctx) ?? []) {
        if (candidate.clientID !== clientID) continue;
        const compared = compare(candidate.secret, client);
        // no break: the time of the answer must not tell which of the two encodings matched
        if (isYes(isPromise(compared) ? await compared : compared)) isRight = true;
      }
      if (isRight) requireUnexpired(client, clientID, now());
      return isRight;
    },
  };
}
