/** Routes for clients and APIs, without sessions and cookies, and with errors as JSON. This file defines the URLs of the endpoints. */
import Router from '@koa/router';
import { introspection, jwks, metadata, pushedRequests, revocation } from 'koauthorize';
import type { AuthorizationServer, Parts } from './authorization-server.js';
import type { App } from './clients.js';

export function programs(
  { limits, registered }: Pick<Parts, 'limits' | 'registered'>,
  { server, tokens, authenticateClient, introspect }: AuthorizationServer,
): Router {
  const router = new Router();
  router.use(server.errorHandler());
  router.post('/token', authenticateClient, server.token());
  router.post('/device_authorization', limits.devices, authenticateClient, server.route('device_authorization'));
  router.post('/backchannel_authentication', authenticateClient, server.route('backchannel_authentication'));
  router.post('/par', limits.pushed, authenticateClient, server.endpoint(pushedRequests({ lifetime: 600 }))); // users log in before the authorization endpoint
  router.post('/revoke', authenticateClient, server.endpoint(revocation(tokens.revoke)));
  router.post(
    '/introspect',
    authenticateClient,
    server.endpoint(
      introspection(introspect, {
        resourceServer: (client: App) => client.resource_server === true,
        jwtResponses: true, // for APIs that ask for a signed response: RFC 9701
      }),
    ),
  );
  if (registered) {
    router.all('/register', limits.registrations, server.route('registration'));
    router.all('/register/client', limits.registrations, server.route('client_configuration'));
  }
  router.all('/jwks', server.endpoint(jwks()));
  router.all('/userinfo', server.route('userinfo'));
  router.all(
    ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'],
    server.endpoint(metadata()),
  );
  return router;
}
