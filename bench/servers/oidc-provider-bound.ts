/** oidc-provider with DPoP, pushed requests, and JWT access tokens for one client. It takes each proof once, as by its defaults. */
import { ISSUER, jwtRobot, LIFETIMES, SCOPE } from './clients.js';
import { oidcApplication } from './peers/oidc-application.js';
import { serve } from './serve.js';

const answer = oidcApplication({
  proxy: true,
  features: (usual) => ({
    ...usual,
    dPoP: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, { clientId }) => (clientId === jwtRobot.client_id ? 'https://api.example' : []),
      getResourceServerInfo: () => ({
        scope: SCOPE,
        accessTokenFormat: 'jwt',
        accessTokenTTL: LIFETIMES.accessToken,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  }),
});

const { host } = new URL(ISSUER);
serve((request, response) => {
  Object.assign(request.headers, { host, 'x-forwarded-proto': 'https' }); // what clients see, which proofs name
  answer(request, response);
});
