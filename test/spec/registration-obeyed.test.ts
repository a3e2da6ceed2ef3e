/** RFC 7591 §2: what a client registered to be restricted by is obeyed, or the client is refused. It is never ignored. */
import assert from 'node:assert/strict';
import { exchange, grant } from 'koauthorize';
import request from 'supertest';
import { type App, authorizationServer, browser, CLIENT } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';

const OF_TOKENS = ['dpop_bound_access_tokens', 'tls_client_certificate_bound_access_tokens'];
const OF_REQUESTS = ['require_pushed_authorization_requests', 'require_signed_request_object'];

/** A server with one client, and what obeys the members. */
function serverFor(registration: object, obeys: readonly string[]) {
  return authorizationServer({
    clients: [{ ...CLIENT, ...registration } as App],
    plug(server) {
      server.grant(grant.code(() => 'a code')).exchange(exchange.clientCredentials(() => 'a token'));
      if (obeys.length > 0) server.extend({ name: 'obedient', obeys });
    },
  });
}

const ask = (app: ReturnType<typeof serverFor>['app']) =>
  request(app.callback())
    .post('/token')
    .auth('client', 'client-secret')
    .type('form')
    .send({ grant_type: 'client_credentials' });

describe('RFC 7591 §2: members of a registration that only an extension can obey', () => {
  for (const member of [...OF_REQUESTS, ...OF_TOKENS]) {
    for (const value of [true, 'unreadable'])
      it(`${member}: ${value}: without the extension the client is refused at the authorization endpoint, and the operator is told why`, async () => {
        const { app, errors } = serverFor({ [member]: value }, []);
        const { location } = (await browser(app).authorize().expect(302)).headers;
        assert.match(String(location), /error=unauthorized_client/);
        assert.match(String(errors[0]?.cause), new RegExp(`registered ${member}`));
      });

    it(`${member}: with an extension that obeys it, and where it is false, the request goes on`, async () => {
      await browser(serverFor({ [member]: true }, [member]).app)
        .authorize()
        .expect(200);
      await browser(serverFor({ [member]: false }, []).app)
        .authorize()
        .expect(200);
    });
  }

  for (const member of OF_TOKENS)
    it(`${member}: without the extension the client gets no token either`, async () => {
      const { app, errors } = serverFor({ [member]: true }, []);
      assertErrorHere(await ask(app), 400, 'unauthorized_client');
      assert.match(String(errors[0]?.cause), new RegExp(`registered ${member}`));
      await ask(serverFor({ [member]: true }, [member]).app).expect(200);
    });
});
