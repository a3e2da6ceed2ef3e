/** What a server of a profile must have. */
import type { Rule } from '../rule.js';

export const tokenService: Rule = {
  name: 'tokens by hand',
  forbids: 'codes and tokens that the application makes itself',
  why: 'Nothing then guarantees that they have 128 bits of randomness, that codes expire soon, and that refresh tokens are handled as the profile requires',
  remedy: 'createServer({ tokens: tokenService({ store }) })',
  part: ({ tokens }) => (tokens ? undefined : { missing: 'createServer({ tokens })' }),
};

export const plainIssuer: Rule = {
  name: 'issuer without TLS',
  forbids: 'an issuer and endpoints without https',
  why: 'Whoever is in the network reads codes, tokens and the metadata, and can replace them',
  remedy: 'createServer({ issuer: "https://…" }), also on the developer’s machine',
  part: ({ issuer }) => (issuer?.startsWith('https://') ? undefined : { issuer: issuer ?? 'absent' }),
};

export const withoutIssuer: Rule = {
  name: 'no iss',
  forbids: 'an authorization response without `iss`',
  why: 'A client of several servers can be made to send the code of one to another (mix-up)',
  remedy: 'createServer({ issuer })',
  part: ({ issuer }) => (issuer === undefined ? { issuer: 'absent' } : undefined),
  // also if issuer({ allowMixUp }) leaves it out for other clients
  response: ({ issuer }) => ({ iss: issuer }),
};
