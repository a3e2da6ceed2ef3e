/** A server, and its APIs, under names of containers: http://as:3000. RFC 8414 §2 wants https, and allowPlainHTTP gives it up by name. */
import assert from 'node:assert/strict';
import Koa from 'koa';
import { createServer, exchange, grant, jwks, metadata, metadataPaths, pkce } from 'koauthorize';
import { diagnose } from 'koauthorize/doctor';
import { introspectionVerifier, jwtVerifier, protectedResource } from 'koauthorize/resource-server';
import { generateSigningKey, jwt, keySet, memoryStore, tokenService } from 'koauthorize/tokens';
import request from 'supertest';

const ISSUER = 'http://as:3000';
const API = 'http://api:4000';
const HINT = /allowPlainHTTP: true accepts it, for development/;

describe('allowPlainHTTP', () => {
  const keys = generateSigningKey('ES256').then((signing) => keySet({ signing }));

  async function made(options: object = { allowPlainHTTP: true }) {
    const tokens = tokenService({ store: memoryStore(), accessTokens: jwt({ audience: API }) });
    const server = createServer({ issuer: ISSUER, keys: await keys, tokens, ...options })
      .grant(grant.code(tokens.code))
      .exchange(exchange.code(tokens.code))
      .exchange(exchange.clientCredentials(tokens.clientCredentials))
      .extend(pkce())
      .extend(jwks())
      .extend(metadata());
    const app = new Koa();
    app.use(server.errorHandler());
    const routes: Record<string, Parameters<Koa['use']>[0]> = {
      [metadataPaths(ISSUER)[0] ?? '']: server.route('metadata'),
      '/jwks': server.route('jwks'),
    };
    app.use((ctx, next) => routes[ctx.path]?.(ctx as never, next) ?? next());
    return { app, server, tokens };
  }

  it('RFC 8414 §2 without it, an issuer of http on another host is refused, and the message names the option', async () => {
    await assert.rejects(made({}), HINT);
    assert.throws(() => jwtVerifier({ issuer: ISSUER, audience: API }), HINT);
    const endpoint = `${ISSUER}/introspect`;
    assert.throws(() => introspectionVerifier({ endpoint, clientID: 'api', clientSecret: 'secret' }), HINT);
    assert.throws(() => protectedResource({ resource: API }), HINT);
  });

  for (const issuer of [
    'http://as:3000/?x=1',
    'http://user@as:3000',
    'http://as:3000/#x',
    'ftp://as:3000',
    'http:as',
  ]) {
    it(`an issuer that is wrong for another reason stays refused: ${issuer}`, async () => {
      await assert.rejects(made({ issuer, allowPlainHTTP: true }), /An issuer is an https URL(?!.*allowPlainHTTP)/);
    });
  }

  it('with it, the metadata has the issuer, and an API reads it and verifies tokens by its keys', async () => {
    const { app, server, tokens } = await made();
    server.check();
    const { body } = await request(app.callback()).get('/.well-known/oauth-authorization-server').expect(200);
    assert.equal(body.issuer, ISSUER);
    assert.equal(body.token_endpoint, `${ISSUER}/token`);
    const fetched: string[] = [];
    const fetch = async (url: string) => {
      fetched.push(url);
      const answer = await request(app.callback()).get(new URL(url).pathname);
      return new Response(answer.text, { status: answer.status });
    };
    const verify = jwtVerifier({ issuer: ISSUER, audience: API, allowPlainHTTP: true, fetch });
    const { access_token } = await tokens.clientCredentials.issue({ client: { client_id: 'service' } } as never);
    assert.equal((await verify(access_token))?.clientID, 'service');
    assert.deepEqual(fetched, [`${ISSUER}/.well-known/oauth-authorization-server`, `${ISSUER}/jwks`]);
  });

  it('the doctor calls it a relaxation during development, and an error in production', async () => {
    const { server } = await made();
    const found = async (production: boolean) =>
      (await diagnose({ server }, { production, only: ['issuerPlainHTTP'] })).findings.map(
        ({ rule, severity }) => `${severity} ${rule}`,
      );
    assert.deepEqual(await found(false), ['relaxation allowPlainHTTP']);
    assert.deepEqual(await found(true), ['error issuerPlainHTTP', 'relaxation allowPlainHTTP']);
  });
});
