/** A combination of specifications as an application of oauth4webapi writes it. */
import * as oauth from 'oauth4webapi';
import { type Combination, type Flow, ID, parametersOf, REDIRECT } from './combination.js';

const insecure = { [oauth.allowInsecureRequests]: true };

export async function drivenByOAuth4WebAPI(url: string, key: oauth.PrivateKey, asked: Combination): Promise<Flow> {
  const discovered = await oauth.discoveryRequest(new URL(url), { ...insecure, algorithm: 'oauth2' });
  const as = await oauth.processDiscoveryResponse(new URL(url), discovered);
  const client: oauth.Client = { client_id: ID, authorization_signed_response_alg: 'ES256' };
  const auth = oauth.PrivateKeyJwt(key);
  const DPoP = asked.bound ? oauth.DPoP(client, await oauth.generateKeyPair('ES256')) : undefined;
  const options = { ...insecure, ...(DPoP && { DPoP }) };
  const [state, verifier] = [oauth.generateRandomState(), oauth.generateRandomCodeVerifier()];
  let params = new URLSearchParams({
    ...parametersOf(asked),
    ...{ client_id: ID, response_type: 'code', state, code_challenge_method: 'S256' },
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    ...(asked.answeredInJWT && { response_mode: 'jwt' }),
    ...(DPoP && { dpop_jkt: await DPoP.calculateThumbprint() }),
  });
  if (asked.signed) {
    const request = await oauth.issueRequestObject(as, client, params, key);
    params = new URLSearchParams({ client_id: ID, request });
  }
  if (asked.pushed) {
    const response = await oauth.pushedAuthorizationRequest(as, client, auth, params, options);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, response);
    params = new URLSearchParams({ client_id: ID, request_uri });
  }
  const at = new URL(as.authorization_endpoint ?? '');
  at.search = String(params);
  return {
    at,
    async finish({ searchParams }) {
      const answer = asked.answeredInJWT
        ? await oauth.validateJwtAuthResponse(as, client, searchParams, state, insecure)
        : oauth.validateAuthResponse(as, client, searchParams, state);
      const response = await oauth.authorizationCodeGrantRequest(as, client, auth, answer, REDIRECT, verifier, options);
      return oauth.processAuthorizationCodeResponse(as, client, response);
    },
    async refresh(token) {
      const response = await oauth.refreshTokenGrantRequest(as, client, auth, token, options);
      return oauth.processRefreshTokenResponse(as, client, response);
    },
    async call(path, token) {
      try {
        return await oauth.protectedResourceRequest(token, 'GET', new URL(path, url), undefined, undefined, options);
      } catch (error) {
        if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response;
        throw error;
      }
    },
  };
}
