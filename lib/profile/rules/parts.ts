/** What a server of a profile must have. */
import type { Rule } from '../rule.js';

export const tokenService: Rule = {
  name: 'tokens by hand',
  forbids: 'codes and tokens that the application makes itself',
  why: 'Nothing then says that they have 128 bits of randomness, how long a code is good, and what becomes of refresh tokens',
  remedy: 'createServer({ tokens: tokenService({ store }) })',
  message: 'The server lacks the token service',
  part: ({ tokens }) => (tokens ? undefined : { missing: 'createServer({ tokens })' }),
};

export const plainIssuer: Rule = {
  name: 'issuer without TLS',
  forbids: 'an issuer and endpoints without https',
  why: 'Whoever is in the network reads codes, tokens and the metadata, and can replace them',
  remedy: 'createServer({ issuer: "https://…" }), also on the developer’s machine',
  message: 'The issuer must be https',
  part: ({ issuer }) => (issuer?.startsWith('https://') ? undefined : { issuer: issuer ?? 'absent' }),
};

export const withoutIssuer: Rule = {
  name: 'no iss',
  forbids: 'an authorization response without `iss`',
  why: 'A client of several servers can be made to send the code of one to another (mix-up)',
  remedy: 'createServer({ issuer })',
  message: 'The server has no issuer',
  part: ({ issuer }) => (issuer === undefined ? { issuer: 'absent' } : undefined),
};

export const withoutMetadata: Rule = {
  name: 'no metadata',
  forbids: 'a server without a metadata document',
  why: 'Clients that are configured by hand can be given the endpoints of an attacker',
  remedy: 'server.extend(metadata()), before the profile where it has options',
  message: 'The server has no metadata',
  part: (core) => (core.extension('metadata') ? undefined : { missing: 'metadata()' }),
};
