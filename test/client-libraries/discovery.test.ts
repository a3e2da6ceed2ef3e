/** Libraries that find the endpoints by themselves. docs/client-libraries.md has what they need. */
import assert from 'node:assert/strict';
import { client as clientOf } from '../support/client-auth.js';
import { startAuthorizationServer, stopAll } from '../support/interop-server.js';
import { answerTo, CALLBACK } from './browser.js';
import { withLibrary } from './libraries.js';

describe('client libraries that find the endpoints', () => {
  let url = '';
  before(async () => {
    url = await startAuthorizationServer([
      clientOf('public', { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' }),
      clientOf('confidential', { redirect_uris: [CALLBACK], client_secret: 'a secret' }),
    ]);
  });
  after(stopAll);

  const ownerOf = async (token: string | undefined): Promise<unknown> =>
    (await fetch(`${url}/me`, { headers: { Authorization: `Bearer ${token}` } })).json();

  withLibrary('oidc-client-ts', (load) => {
    interface Signin {
      readonly access_token: string;
    }
    interface Library {
      readonly InMemoryWebStorage: new () => object;
      readonly WebStorageStateStore: new (settings: object) => object;
      readonly OidcClient: new (
        settings: object,
      ) => {
        createSigninRequest(request: object): Promise<{ readonly url: string }>;
        processSigninResponse(url: string): Promise<Signin>;
      };
    }
    const clientFor = async (settings: object) => {
      const { InMemoryWebStorage, OidcClient, WebStorageStateStore } = await load<Library>();
      const stateStore = new WebStorageStateStore({ store: new InMemoryWebStorage() });
      const common = { authority: url, client_id: 'public', redirect_uri: CALLBACK, stateStore };
      return new OidcClient({ ...common, ...settings });
    };

    it('oidc-client-ts with metadataUrl, and a scope without openid', async () => {
      const metadataUrl = `${url}/.well-known/oauth-authorization-server`;
      const client = await clientFor({ metadataUrl, scope: 'profile' });
      const answer = await answerTo((await client.createSigninRequest({})).url);
      const { access_token } = await client.processSigninResponse(answer.href);
      assert.deepEqual(await ownerOf(access_token), { client: 'public', user: 'alice' });
    });

    it('oidc-client-ts without metadataUrl finds nothing', async () => {
      const client = await clientFor({ scope: 'profile' });
      await assert.rejects(client.createSigninRequest({}));
    });
  });

  withLibrary('@modelcontextprotocol/sdk', (load) => {
    interface Library {
      auth(provider: object, options: object): Promise<'AUTHORIZED' | 'REDIRECT'>;
    }

    for (const id of ['public', 'confidential']) {
      it(`@modelcontextprotocol/sdk finds its way by RFC 8414, as ${id}`, async () => {
        const { auth } = await load<Library>('@modelcontextprotocol/sdk/client/auth.js');
        const kept: { page?: URL; verifier?: string; tokens?: { readonly access_token: string } } = {};
        const provider = {
          redirectUrl: CALLBACK,
          clientMetadata: { redirect_uris: [CALLBACK] },
          clientInformation: () => ({ client_id: id, ...(id === 'public' ? {} : { client_secret: 'a secret' }) }),
          tokens: () => kept.tokens,
          saveTokens: (tokens: { readonly access_token: string }) => void Object.assign(kept, { tokens }),
          redirectToAuthorization: (page: URL) => void Object.assign(kept, { page }),
          saveCodeVerifier: (verifier: string) => void Object.assign(kept, { verifier }),
          codeVerifier: () => kept.verifier,
        };
        assert.equal(await auth(provider, { serverUrl: url }), 'REDIRECT');
        const authorizationCode = (await answerTo(kept.page ?? url)).searchParams.get('code');
        assert.equal(await auth(provider, { serverUrl: url, authorizationCode }), 'AUTHORIZED');
        assert.deepEqual(await ownerOf(kept.tokens?.access_token), { client: id, user: 'alice' });
        assert.equal(await auth(provider, { serverUrl: url }), 'AUTHORIZED', 'by its refresh token');
      });
    }
  });
});
