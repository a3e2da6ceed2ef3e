/** OpenID Connect Core 1.0: makes an OpenID Provider of an authorization server. */
import './members.js';
import type { Core, Plug } from '../../core.js';
import { signingAlgorithms, signingKey } from '../../keys/sign.js';
import type { Client } from '../../types.js';
import { type OpenIDOptions, requireOptions } from './options.js';
import { readRequest } from './request.js';
import { tokenSteps } from './token.js';

/** @throws Error where something is missing that ID tokens are made from */
function requireParts<C, U>({ issuer, keys }: Core<C, U>): void {
  if (issuer === undefined) throw new Error('openid() needs an issuer: createServer({ issuer })');
  // OpenID Connect Core §15.1, Discovery §3: every OpenID Provider signs by RS256
  if (!signingKey(keys, 'RS256'))
    throw new Error(
      "openid() needs a key for RS256: createServer({ keys: await keySet({ signing: await generateSigningKey('RS256') }) })",
    );
}

/**
 * Makes an OpenID Provider of the server: clients that ask for the scope `openid` get an ID token, which says who the user is and when they logged
 * in.
 *
 * @throws TypeError for options that cannot be meant
 * @throws Error before the first request, where there is no issuer or no key for RS256
 * @example server.extend(openid({ findUser: (id) => users.find(id), claims: ({ name, email }) => ({ name, email }) }))
 * @see OpenID Connect Core
 */
export function openid<C = Client, U = unknown>(options: OpenIDOptions<C, U> = {}): Plug<C, U> {
  requireOptions(options);
  return (core) => ({
    name: 'openid',
    spec: 'OpenID Connect Core',
    parameters: ['nonce'],
    adds: ['nonce', 'id_token'],
    authorization: { parse: readRequest },
    token: tokenSteps(core, options),
    metadata: () => ({ id_token_signing_alg_values_supported: signingAlgorithms(core.keys) }),
    ready: requireParts,
  });
}
