/** remix-auth with its OAuth2Strategy, as applications of React Router and Remix log people in. docs/client-libraries.md has what it needs. */
import assert from 'node:assert/strict';
import { client as clientOf } from '../support/client-auth.js';
import { startAuthorizationServer, stopAll } from '../support/interop-server.js';
import { answerTo, CALLBACK } from './browser.js';
import { withLibrary } from './libraries.js';

const SECRET = 'a secret: + / and %';
const usual = {
  client_secret: SECRET,
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
};
const CLIENTS = [
  clientOf('basic', { ...usual, token_endpoint_auth_method: 'client_secret_basic' }),
  clientOf('open', usual),
  clientOf('post', { ...usual, token_endpoint_auth_method: 'client_secret_post' }),
];

interface Tokens {
  accessToken(): string;
  refreshToken(): string;
}
interface Strategy {
  refreshToken(token: string): Promise<Tokens>;
}
interface Library {
  readonly OAuth2Strategy: new (options: object, verify: (found: { tokens: Tokens }) => Promise<Tokens>) => Strategy;
}
interface Core {
  readonly Authenticator: new () => {
    use(strategy: Strategy): void;
    authenticate(name: string, request: Request): Promise<Tokens>;
  };
}

withLibrary('remix-auth-oauth2', (load) => {
  let url = '';
  before(async () => {
    url = await startAuthorizationServer(CLIENTS);
  });
  after(stopAll);

  async function logIn(clientId: string, more: object = {}): Promise<{ tokens: Tokens; strategy: Strategy }> {
    const [{ Authenticator }, { OAuth2Strategy }] = [await load<Core>('remix-auth'), await load<Library>()];
    const options = {
      clientId,
      clientSecret: SECRET,
      authorizationEndpoint: `${url}/authorize`,
      tokenEndpoint: `${url}/token`,
      redirectURI: CALLBACK,
      ...more,
    };
    const strategy = new OAuth2Strategy(options, async ({ tokens }) => tokens);
    const authenticator = new Authenticator();
    authenticator.use(strategy);
    const begun = await authenticator.authenticate('oauth2', new Request('http://127.0.0.1/login')).then(
      () => assert.fail('It redirects first'),
      (thrown: unknown) => (thrown instanceof Response ? thrown : Promise.reject(thrown)),
    );
    const answer = await answerTo(begun.headers.get('Location') ?? '');
    const cookie = begun.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
    const back = new Request(answer, { headers: { cookie: cookie.join('; ') } });
    return { tokens: await authenticator.authenticate('oauth2', back), strategy };
  }
  const ownerOf = async (token: string): Promise<unknown> =>
    (await fetch(`${url}/me`, { headers: { Authorization: `Bearer ${token}` } })).json();

  for (const id of ['basic', 'open'])
    it(`remix-auth-oauth2 logs in with nothing but the endpoints, and refreshes, as ${id}`, async () => {
      const { tokens, strategy } = await logIn(id);
      assert.deepEqual(await ownerOf(tokens.accessToken()), { client: id, user: 'alice' });
      const second = await strategy.refreshToken(tokens.refreshToken());
      assert.deepEqual(await ownerOf(second.accessToken()), { client: id, user: 'alice' });
    });

  it('remix-auth-oauth2 is refused where client_secret_post is registered', async () => {
    await assert.rejects(logIn('post'));
  });
});
