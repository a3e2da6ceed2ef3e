/** What each profile forbids, tried over HTTP at a server that takes all of it from clients of no profile. */
import assert from 'node:assert/strict';
import { VERIFIER } from '../support/authorization-server.js';
import { type Change, outcome, type ProfileName, START, TOKEN } from './house.js';
import { without } from './without.js';

const PROFILES: readonly ProfileName[] = ['none', 'oauth21', 'fapi2', 'fapi2MessageSigning', 'fapiCIBA', 'legacy'];

/** One thing, and the error by which each profile refuses it; a profile that is not named allows it. */
interface Row {
  readonly thing: string;
  readonly change: Change;
  readonly refused: Partial<Record<ProfileName, string>>;
  /** The rules that refuse it. Absent: the toolkit itself does, or nothing. */
  readonly rules?: readonly string[];
}

/** The three profiles of FAPI refuse it with one error. */
function fapi(error: string): Row['refused'] {
  return { fapi2: error, fapi2MessageSigning: error, fapiCIBA: error };
}

const basic = { client: { token_endpoint_auth_method: 'client_secret_basic' }, by: 'basic' } as const;
const isPublic = { client: { token_endpoint_auth_method: 'none' }, by: 'none' } as const;
const registering = (redirect_uri: string) => ({ client: { redirect_uris: [redirect_uri] }, params: { redirect_uri } });
const WEEK = 7 * 24 * 3600;

const ROWS: readonly Row[] = [
  {
    thing: 'response_type=token',
    rules: ['implicit grant', 'response type'],
    change: { params: { response_type: 'token' } },
    refused: { oauth21: 'unsupported_response_type', ...fapi('unsupported_response_type') },
  },
  {
    thing: 'response_type=code token',
    rules: ['implicit grant', 'response type'],
    change: { params: { response_type: 'code token' } },
    refused: { oauth21: 'unsupported_response_type', ...fapi('unsupported_response_type') },
  },
  {
    thing: 'response_type=code id_token',
    rules: ['response type'],
    change: { params: { response_type: 'code id_token', scope: 'openid', nonce: 'n' } },
    refused: fapi('unsupported_response_type'),
  },
  {
    thing: 'grant_type=password',
    rules: ['password grant'],
    change: {
      client: { grant_types: ['password'] },
      form: { grant_type: 'password', username: 'alice', password: 'p' },
    },
    refused: { oauth21: 'unauthorized_client', ...fapi('unauthorized_client') },
  },
  {
    thing: 'no code_challenge',
    rules: ['no PKCE'],
    change: { params: { code_challenge: undefined, code_challenge_method: undefined } },
    refused: { oauth21: 'invalid_request', ...fapi('invalid_request') },
  },
  {
    thing: 'code_challenge_method=plain',
    rules: ['plain PKCE'],
    change: { params: { code_challenge: VERIFIER, code_challenge_method: 'plain' } },
    refused: fapi('invalid_request'), // OAuth 2.1 §4.1.1 has it
  },
  {
    thing: 'code_challenge without code_challenge_method, which means plain',
    rules: ['plain PKCE'],
    change: { params: { code_challenge: VERIFIER, code_challenge_method: undefined } },
    refused: fapi('invalid_request'),
  },
  {
    thing: 'a request that is not pushed',
    rules: ['not pushed'],
    change: { isDirect: true },
    refused: fapi('invalid_request'),
  },
  {
    thing: 'no redirect_uri',
    rules: ['no redirect_uri'],
    change: { params: { redirect_uri: undefined } },
    refused: fapi('invalid_request'),
  },
  {
    thing: 'an http redirect URI',
    rules: ['http redirect URI'],
    change: registering('http://client.example/callback'),
    refused: { oauth21: 'invalid_request', ...fapi('invalid_request') },
  },
  { thing: 'an http redirect URI of 127.0.0.1', change: registering('http://127.0.0.1:8080/callback'), refused: {} },
  {
    thing: 'a private scheme without a domain',
    rules: ['private scheme without a domain'],
    change: registering('app:/callback'),
    refused: { oauth21: 'invalid_request' },
  },
  { thing: 'a private scheme with a domain', change: registering('com.example.app:/callback'), refused: {} },
  {
    thing: 'a redirect URI that differs by a query',
    change: { params: { redirect_uri: 'https://client.example/callback?more' } },
    refused: Object.fromEntries(PROFILES.map((profile) => [profile, 'invalid_request'])),
  },
  {
    thing: 'a public client',
    rules: ['public client', 'client secret'],
    change: isPublic,
    refused: fapi('invalid_client'),
  },
  {
    thing: 'a public client whose request is not pushed',
    rules: ['public client'],
    change: { ...isPublic, isDirect: true, object: 'none' },
    refused: fapi('unauthorized_client'),
  },
  { thing: 'a client secret', rules: ['client secret'], change: basic, refused: fapi('invalid_client') },
  {
    thing: 'an assertion for the issuer in an array',
    rules: ['audience of an assertion'],
    change: { by: { aud: ['https://as.example'] } },
    refused: fapi('invalid_client'),
  },
  {
    thing: 'an assertion for the token endpoint',
    rules: ['audience of an assertion'],
    change: { by: { aud: TOKEN } },
    refused: fapi('invalid_client'),
  },
  {
    thing: 'an assertion by RS256',
    rules: ['algorithm of assertions'],
    change: { by: { alg: 'RS256' } },
    refused: fapi('invalid_client'),
  },
  {
    thing: 'an assertion by EdDSA',
    rules: ['algorithm of assertions'],
    change: { by: { alg: 'EdDSA' } },
    refused: { fapiCIBA: 'invalid_client' },
  },
  {
    thing: 'a DPoP proof by RS256 at the token endpoint',
    rules: ['algorithm of DPoP proofs'],
    change: { tokenProof: 'RS256' },
    refused: fapi('invalid_dpop_proof'),
  },
  {
    thing: 'a DPoP proof by RS256 where requests are pushed',
    rules: ['algorithm of DPoP proofs'],
    change: { pushProof: 'RS256', tokenProof: 'RS256' },
    refused: fapi('invalid_dpop_proof'),
  },
  {
    thing: 'a request object by RS256',
    rules: ['algorithm of request objects'],
    change: { object: { alg: 'RS256' } },
    refused: fapi('invalid_request_object'),
  },
  {
    thing: 'a request object by RS256 behind a parameter request without a value',
    rules: ['algorithm of request objects'],
    change: { object: { alg: 'RS256', isAfterEmpty: true } },
    refused: fapi('invalid_request_object'),
  },
  {
    thing: 'an ID token by RS256',
    rules: ['algorithm of the server'],
    change: { params: { scope: 'openid' }, client: { id_token_signed_response_alg: 'RS256' } },
    refused: fapi('unauthorized_client'),
  },
  {
    thing: 'an ID token of a client that registered no algorithm',
    rules: ['algorithm of the server'],
    change: { params: { scope: 'openid' }, client: { id_token_signed_response_alg: undefined } },
    refused: fapi('unauthorized_client'),
  },
  {
    thing: 'a UserInfo response by RS256',
    rules: ['algorithm of the server'],
    change: { params: { scope: 'openid' }, client: { userinfo_signed_response_alg: 'RS256' } },
    refused: fapi('unauthorized_client'),
  },
  {
    thing: 'a response in a JWT by RS256',
    rules: ['algorithm of the server'],
    change: { client: { authorization_signed_response_alg: 'RS256' } },
    refused: fapi('unauthorized_client'),
  },
  {
    thing: 'a bearer token for a code',
    rules: ['bearer token'],
    change: { tokenProof: 'none' },
    refused: fapi('invalid_request'),
  },
  {
    thing: 'a bearer token for the client itself',
    rules: ['bearer token'],
    change: {
      tokenProof: 'none',
      form: { grant_type: 'client_credentials' },
      client: { grant_types: ['client_credentials'] },
    },
    refused: fapi('invalid_request'),
  },
  { thing: 'a code of 61 s', rules: ['code lifetime'], change: { wait: 61 }, refused: fapi('invalid_grant') },
  {
    thing: 'a request that is not signed',
    rules: ['unsigned request'],
    change: { object: 'none' },
    refused: { fapi2MessageSigning: 'invalid_request' },
  },
  {
    thing: 'a request object without nbf',
    rules: ['request object without an end'],
    change: { object: { claims: { nbf: undefined } } },
    refused: { fapi2MessageSigning: 'invalid_request_object' },
  },
  {
    thing: 'a request object without exp',
    rules: ['request object without an end'],
    change: { object: { claims: { exp: undefined } } },
    refused: { fapi2MessageSigning: 'invalid_request_object' },
  },
  {
    thing: 'a request object for a week',
    rules: ['request object without an end'],
    change: { object: { claims: { exp: START + WEEK } } },
    refused: { fapi2MessageSigning: 'invalid_request_object' },
  },
  {
    thing: 'a request object for a week behind a parameter request without a value',
    rules: ['request object without an end'],
    change: { object: { claims: { exp: START + WEEK }, isAfterEmpty: true } },
    refused: { fapi2MessageSigning: 'invalid_request_object' },
  },
  {
    thing: 'a request object whose nbf was 61 minutes ago',
    rules: ['request object without an end'],
    change: { object: { claims: { nbf: START - 3660, exp: START + 60 } } },
    refused: { fapi2MessageSigning: 'invalid_request_object' },
  },
  {
    thing: 'a response that is not signed',
    rules: ['unsigned response'],
    change: { params: { response_mode: undefined } },
    refused: { fapi2MessageSigning: 'invalid_request' },
  },
];

describe('profiles: a request that none of them forbids', () => {
  for (const profile of PROFILES)
    it(`${profile}: is allowed`, async () => assert.equal(await outcome(profile), 'allowed'));
});

for (const { thing, change, refused, rules } of ROWS)
  describe(`profiles: ${thing}`, () => {
    for (const profile of PROFILES) {
      const expected = refused[profile] ?? 'allowed';
      it(`${profile}: ${expected}`, async () => assert.equal(await outcome(profile, change), expected));
    }
    for (const profile of rules ? PROFILES : []) {
      const error = refused[profile];
      if (!error) continue;
      it(`${profile} without the rule: is not ${error}`, async () => {
        assert.notEqual(await without(rules ?? [], () => outcome(profile, change)), error);
      });
    }
  });
