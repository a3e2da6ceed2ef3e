/** Libraries that make the requests, and leave the rest to the application. docs/client-libraries.md has what they need. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as oauth from 'oauth4webapi';
import { client as clientOf, type Registered } from '../support/client-auth.js';
import { startAuthorizationServer, stopAll } from '../support/interop-server.js';
import { answerTo, CALLBACK } from './browser.js';
import { withLibrary } from './libraries.js';

const SECRET = 'a secret: + / and %';
const registered = (id: string, method?: string): Registered =>
  clientOf(id, {
    client_secret: SECRET,
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    ...(method ? { token_endpoint_auth_method: method } : {}),
  });

const CLIENTS = [
  registered('basic', 'client_secret_basic'),
  registered('post', 'client_secret_post'),
  registered('open'),
  registered('old', 'client_secret_post'),
  clientOf('public', { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' }),
];

/** What the API says of a token. */
async function ownerOf(server: string, token: string | undefined): Promise<unknown> {
  return (await fetch(`${server}/me`, { headers: { Authorization: `Bearer ${token}` } })).json();
}

async function challenge(): Promise<{ verifier: string; query: Record<string, string> }> {
  const verifier = oauth.generateRandomCodeVerifier();
  const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
  return { verifier, query: { code_challenge, code_challenge_method: 'S256' } };
}

describe('client libraries that make the requests', () => {
  let url = '';
  before(async () => {
    const allowMissing = ({ client_id }: Registered): boolean => client_id === 'old';
    url = await startAuthorizationServer(CLIENTS, { pkce: { allowMissing } });
  });
  after(stopAll);

  withLibrary('client-oauth2', (load) => {
    interface Token {
      readonly accessToken: string;
      refresh(): Promise<Token>;
    }
    interface Library {
      readonly default: new (
        options: object,
      ) => {
        readonly code: {
          getUri(options: object): string;
          getToken(uri: string, options: object): Promise<Token>;
        };
      };
    }

    it('client-oauth2 sends what it is given as query and body', async () => {
      const { default: ClientOAuth2 } = await load<Library>();
      const { code } = new ClientOAuth2({
        clientId: 'basic',
        clientSecret: SECRET,
        accessTokenUri: `${url}/token`,
        authorizationUri: `${url}/authorize`,
        redirectUri: CALLBACK,
      });
      const { verifier, query } = await challenge();
      const answer = await answerTo(code.getUri({ query }));
      const first = await code.getToken(answer.href, { body: { code_verifier: verifier } });
      const second = await first.refresh();
      assert.deepEqual(await ownerOf(url, second.accessToken), { client: 'basic', user: 'alice' });
    });
  });

  withLibrary('@badgateway/oauth2-client', (load) => {
    interface Token {
      readonly accessToken: string;
    }
    interface Library {
      generateCodeVerifier(): Promise<string>;
      readonly OAuth2Client: new (
        settings: object,
      ) => {
        refreshToken(token: Token): Promise<Token>;
        readonly authorizationCode: {
          getAuthorizeUri(params: object): Promise<string>;
          getTokenFromCodeRedirect(url: URL, params: object): Promise<Token>;
        };
      };
    }

    for (const clientId of ['basic', 'post', 'public']) {
      it(`@badgateway/oauth2-client finds its way by RFC 8414, as ${clientId}`, async () => {
        const { OAuth2Client, generateCodeVerifier } = await load<Library>();
        const secret =
          clientId === 'public' ? {} : { clientSecret: SECRET, authenticationMethod: `client_secret_${clientId}` };
        const client = new OAuth2Client({ server: url, clientId, ...secret });
        const params = { redirectUri: CALLBACK, state: 'xyz', codeVerifier: await generateCodeVerifier() };
        const answer = await answerTo(await client.authorizationCode.getAuthorizeUri(params));
        const first = await client.authorizationCode.getTokenFromCodeRedirect(answer, params);
        const second = await client.refreshToken(first);
        assert.deepEqual(await ownerOf(url, second.accessToken), { client: clientId, user: 'alice' });
      });
    }
  });

  withLibrary('arctic', (load) => {
    interface Tokens {
      accessToken(): string;
      refreshToken(): string;
    }
    interface Library {
      readonly CodeChallengeMethod: { readonly S256: number };
      generateCodeVerifier(): string;
      readonly OAuth2Client: new (
        id: string,
        secret: string | null,
        redirectURI: string,
      ) => {
        createAuthorizationURL(url: string, state: string, scopes: string[]): URL;
        createAuthorizationURLWithPKCE(
          url: string,
          state: string,
          method: number,
          verifier: string,
          scopes: string[],
        ): URL;
        validateAuthorizationCode(url: string, code: string, verifier: string): Promise<Tokens>;
        refreshAccessToken(url: string, token: string, scopes: string[]): Promise<Tokens>;
      };
    }

    for (const [id, secret] of [
      ['basic', SECRET],
      ['public', null],
    ] as const) {
      it(`arctic: createAuthorizationURLWithPKCE of OAuth2Client, as ${id}`, async () => {
        const { CodeChallengeMethod, generateCodeVerifier, OAuth2Client } = await load<Library>();
        const [client, verifier] = [new OAuth2Client(id, secret, CALLBACK), generateCodeVerifier()];
        const page = client.createAuthorizationURLWithPKCE(
          `${url}/authorize`,
          'xyz',
          CodeChallengeMethod.S256,
          verifier,
          [],
        );
        const code = (await answerTo(page)).searchParams.get('code') ?? '';
        const first = await client.validateAuthorizationCode(`${url}/token`, code, verifier);
        const second = await client.refreshAccessToken(`${url}/token`, first.refreshToken(), []);
        assert.deepEqual(await ownerOf(url, second.accessToken()), { client: id, user: 'alice' });
      });
    }

    it('arctic: createAuthorizationURL is refused, as it makes no challenge', async () => {
      const { OAuth2Client } = await load<Library>();
      const page = new OAuth2Client('basic', SECRET, CALLBACK).createAuthorizationURL(`${url}/authorize`, 'xyz', []);
      assert.equal((await answerTo(page)).searchParams.get('error'), 'invalid_request');
    });
  });

  withLibrary('axios-oauth-client', (load) => {
    type Request = (
      axios: unknown,
      url: string,
      id: string,
      secret: string,
      redirectURI?: string,
    ) => (code?: string) => Promise<{ readonly access_token: string }>;
    interface Library {
      readonly authorizationCode: Request;
      readonly clientCredentials: Request;
    }
    const axios = async (): Promise<unknown> => (await load<{ readonly default: unknown }>('axios')).default;

    it('axios-oauth-client: client credentials, with the secret in the form', async () => {
      const { clientCredentials } = await load<Library>();
      const { access_token } = await clientCredentials(await axios(), `${url}/token`, 'post', SECRET)();
      assert.deepEqual(await ownerOf(url, access_token), { client: 'post' });
    });

    it('axios-oauth-client cannot send a verifier: allowMissing', async () => {
      const { authorizationCode } = await load<Library>();
      const codeOf = async (client_id: string, query = {}): Promise<string> => {
        const params = { response_type: 'code', client_id, redirect_uri: CALLBACK, ...query };
        const answer = await answerTo(`${url}/authorize?${new URLSearchParams(params)}`);
        return answer.searchParams.get('code') ?? '';
      };
      const exchange = async (id: string, code: string) =>
        (await authorizationCode(await axios(), `${url}/token`, id, SECRET, CALLBACK)(code)).access_token;
      await assert.rejects(exchange('post', await codeOf('post', (await challenge()).query)), { status: 400 });
      assert.deepEqual(await ownerOf(url, await exchange('old', await codeOf('old'))), {
        client: 'old',
        user: 'alice',
      });
    });
  });

  withLibrary('@openid/appauth', (load) => {
    interface Library {
      readonly TokenResponse: new (response: object) => { isValid(): boolean };
    }

    it('@openid/appauth takes an access token for expired that has ten minutes left, and not one that has just been issued', async () => {
      const { TokenResponse } = await load<Library>();
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'post', client_secret: SECRET });
      const issued = (await (await fetch(`${url}/token`, { method: 'POST', body })).json()) as { expires_in: number };
      assert.equal(new TokenResponse(issued).isValid(), true);
      assert.equal(new TokenResponse({ ...issued, expires_in: 600 }).isValid(), false);
    });
  });

  it('a client that registered no method sends its secret in the header or in the form', async () => {
    const [basic, form] = [btoa(`open:${encodeURIComponent(SECRET)}`), { client_id: 'open', client_secret: SECRET }];
    for (const [headers, credentials] of [[{ Authorization: `Basic ${basic}` }, {}] as const, [{}, form] as const]) {
      const body = new URLSearchParams({ grant_type: 'client_credentials', ...credentials });
      assert.equal((await fetch(`${url}/token`, { method: 'POST', headers, body })).status, 200);
    }
  });

  it('git-credential-oauth sends verifiers of base64, whose hash decides', async () => {
    const verifier = `${randomBytes(47).toString('base64').replace(/=*$/, '')}+/=`;
    const code_challenge = await oauth.calculatePKCECodeChallenge(verifier);
    const query = {
      response_type: 'code',
      client_id: 'public',
      redirect_uri: CALLBACK,
      code_challenge,
      code_challenge_method: 'S256',
    };
    const answer = await answerTo(`${url}/authorize?${new URLSearchParams(query)}`);
    const form = {
      grant_type: 'authorization_code',
      client_id: 'public',
      redirect_uri: CALLBACK,
      code_verifier: verifier,
    };
    const body = new URLSearchParams({ ...form, code: answer.searchParams.get('code') ?? '' });
    const { access_token } = (await (await fetch(`${url}/token`, { method: 'POST', body })).json()) as {
      access_token: string;
    };
    assert.deepEqual(await ownerOf(url, access_token), { client: 'public', user: 'alice' });
  });
});
