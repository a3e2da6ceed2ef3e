/** A combination of specifications as an application of openid-client writes it. */
import type * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { type Combination, type Flow, ID, parametersOf } from './combination.js';

/** The URL that the browser begins at. */
async function requestOf(
  config: openid.Configuration,
  key: oauth.PrivateKey,
  asked: Combination,
  params: Record<string, string>,
  options: openid.DPoPOptions,
): Promise<URL> {
  const signed = asked.signed ? await openid.buildAuthorizationUrlWithJAR(config, params, key) : undefined;
  if (asked.pushed) return openid.buildAuthorizationUrlWithPAR(config, signed?.searchParams ?? params, options);
  return signed ?? openid.buildAuthorizationUrl(config, params);
}

export async function drivenByOpenIDClient(url: string, key: oauth.PrivateKey, asked: Combination): Promise<Flow> {
  const registration = { authorization_signed_response_alg: 'ES256' };
  const execute = [openid.allowInsecureRequests, ...(asked.answeredInJWT ? [openid.useJwtResponseMode] : [])];
  const how = { algorithm: 'oauth2' as const, execute };
  const config = await openid.discovery(new URL(url), ID, registration, openid.PrivateKeyJwt(key), how);
  const DPoP = asked.bound
    ? openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256', { extractable: true }))
    : undefined;
  const options = DPoP ? { DPoP } : {};
  const [expectedState, pkceCodeVerifier] = [openid.randomState(), openid.randomPKCECodeVerifier()];
  const params = {
    ...parametersOf(asked),
    ...{ state: expectedState, code_challenge_method: 'S256' },
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    ...(DPoP && { dpop_jkt: await DPoP.calculateThumbprint() }),
  };
  return {
    at: await requestOf(config, key, asked, params, options),
    finish: (answer) =>
      openid.authorizationCodeGrant(config, answer, { expectedState, pkceCodeVerifier }, undefined, options),
    refresh: (token) => openid.refreshTokenGrant(config, token, undefined, options),
    async call(path, token) {
      try {
        return await openid.fetchProtectedResource(
          config,
          token,
          new URL(path, url),
          'GET',
          undefined,
          undefined,
          options,
        );
      } catch (error) {
        if (error instanceof openid.WWWAuthenticateChallengeError) return error.response;
        throw error;
      }
    },
  };
}
