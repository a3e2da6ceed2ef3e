/** The server and the model of @node-oauth/oauth2-server. */

import { byLegacy } from '../legacy.js';
import type { MigrationRule } from '../rule.js';
import { PASSWORD, withoutPKCE } from './answers.js';

export const NODE_OAUTH_MODEL: readonly MigrationRule[] = [
  {
    name: 'create-server',
    pattern: /\bnew\s+(?:\w+\s*\.\s*)?\w*OAuth2?Server\s*\(/i,
    counts: 'near',
    found: 'the server',
    write: `import { metadata, pkce, scopes } from 'koauthorize';

server.extend(pkce()).extend(scopes(['read', 'write'])); // new: PKCE for everybody, and your scopes by name
router.all('/.well-known/oauth-authorization-server', server.endpoint(metadata())); // new: clients, doctor and attack find the endpoints by it`,
    changes:
      'Every client has to send a code_challenge (PKCE, S256), and gets `iss` with each authorization response (RFC 9207).',
    relaxation: withoutPKCE('id'),
    docs: 'coming-over.md#node-oauthoauth2-server',
  },
  {
    name: 'model-client',
    pattern: /\bgetClient\s*(?:\(|:|=)/,
    counts: 'near',
    found: 'the look-up of a client, with or without its secret',
    write: `import { clientAuthentication, clientSecretBasic, clientSecretPost, none } from 'koauthorize/client-auth';

const authenticateClient = clientAuthentication<App>({
  server,
  clientID,
  registeredMethod: (client) => (client.isPublic ? 'none' : undefined), // with a secret: in the header or in the form
  methods: [clientSecretBasic({ compare: isSecretOf }), clientSecretPost({ compare: isSecretOf }), none()],
});
server.extend(authenticateClient);`,
    changes:
      'A client authenticates by the method that it registered, and by one method in a request (RFC 6749 §2.3). Look-up and comparison are apart: unknown clients take as long as known ones.',
    docs: 'client-authentication.md',
  },
  {
    name: 'model-code',
    pattern: /\b(?:get|save|revoke|generate)AuthorizationCode\b/,
    counts: 'anywhere',
    found: 'the part of the model for codes',
    write: `import { exchange, grant } from 'koauthorize';

server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code)); // the store keeps codes, as hashes`,
    changes:
      'A code is good for 60 seconds (there: 5 minutes) and for one exchange. A second exchange ends the tokens of the first.',
    docs: 'token-service.md#what-it-does',
  },
  {
    name: 'model-refresh-token',
    pattern: /\b(?:getRefreshToken|generateRefreshToken|revokeToken)\b/,
    counts: 'near',
    found: 'the part of the model for refresh tokens',
    write: `import { exchange } from 'koauthorize';
import type { AdoptedToken } from 'koauthorize/tokens';

declare const adopt: (token: string) => Promise<AdoptedToken<User> | undefined>; // by getRefreshToken of your model
tokenService<App, User>({ ...service, adopt }); // in place of the service above
server.exchange(exchange.refreshToken(tokens.refreshToken));`,
    changes:
      'Refresh tokens that clients hold are honoured once, and replaced. One that comes again later ends its whole family.',
    docs: 'coming-over.md#node-oauthoauth2-server',
  },
  {
    name: 'model-access-token',
    pattern: /\b(?:getAccessToken|saveToken|generateAccessToken)\s*(?:\(|:|=)/,
    counts: 'near',
    found: 'the part of the model for access tokens',
    write: `import { opaque } from 'koauthorize/tokens';

tokenService<App, User>({ ...service, accessTokens: opaque() }); // or jwt({ audience }); lifetimes: { accessToken: 3600 }`,
    changes:
      'New access tokens come from the token service. An API can take the old ones, by its old check, until they have expired.',
    docs: 'coming-over.md#access-tokens-and-sessions',
  },
  {
    name: 'model-password',
    pattern: /\bgetUser\s*(?:\(|:|=)/,
    counts: 'only near',
    found: 'the password grant: the client sees the password of the user',
    ...PASSWORD,
  },
  {
    name: 'model-client-credentials',
    pattern: /\bgetUserFromClient\b/,
    counts: 'anywhere',
    found: 'the client credentials grant',
    write: `import { exchange } from 'koauthorize';

tokenService<App, User>({ ...service, clientScope: () => ['read'] }); // in place of the service above: what a client may have without a user
server.exchange(exchange.clientCredentials(tokens.clientCredentials));`,
    changes: 'The token stands for the client itself: there is no user that stands for it (RFC 9700 §4.15).',
    docs: 'token-service.md#options',
  },
  {
    name: 'model-scope',
    pattern: /\b(?:validateScope|verifyScope)\b/,
    counts: 'near',
    found: 'the judgement of scopes',
    write: `import { scopes } from 'koauthorize';
import { requireScope } from 'koauthorize/resource-server';

server.extend(scopes(['read', 'write'])); // validateScope: what clients may ask for
const needsRead = requireScope('read'); // verifyScope: what a route of the API needs`,
    docs: 'extensions/scopes.md',
  },
  {
    name: 'model-redirect-uri',
    pattern: /\bvalidateRedirectUri\b/,
    counts: 'anywhere',
    found: 'a comparison of redirect URIs by hand',
    write: `createServer<App, User>({ clientID, redirectURIs: (client) => client.redirectUris }); // compared as strings: list every URI`,
    changes: 'A redirect URI that is not registered letter by letter is refused (RFC 9700 §2.1).',
    relaxation: byLegacy(
      'allowUncompared',
      'the comparison by the toolkit: a mistake in yours lets an attacker have the codes of others',
      '// for clients without redirect URIs: your validate judges',
    ),
    docs: 'profiles.md#legacy-from-oauth2orize',
  },
];
