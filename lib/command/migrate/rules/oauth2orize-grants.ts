/** Grants and exchanges of oauth2orize and of oauth2orize-koa. */
import type { MigrationRule } from '../rule.js';
import { CODES_INSTEAD, IMPLICIT_FOR_A_WHILE, OWN_GRANT, PASSWORD, withoutPKCE } from './answers.js';

export const OAUTH2ORIZE_GRANTS: readonly MigrationRule[] = [
  {
    name: 'create-server',
    pattern: /(?:(?<!\bhttps?\.)\bcreateServer|\boauth2orize)\s*\(/,
    counts: 'only near',
    found: 'the server',
    write: `import { metadata, pkce, scopes } from 'koauthorize';

server.extend(pkce()).extend(scopes(['read', 'write'], { default: ['read'] })); // new: PKCE, and your scopes by name
router.all('/.well-known/oauth-authorization-server', server.endpoint(metadata())); // new: clients, doctor and attack find the endpoints by it`,
    changes:
      'Every client has to send a code_challenge (PKCE, S256), and gets `iss` with each authorization response (RFC 9207). Clients ask only for scopes that you name; one that asks for none gets `default`, without which requireScope() would refuse its calls. Users whose `id` is a number need `createServer({ subject: (user) => String(user.id) })`.',
    relaxation: withoutPKCE('id'),
    docs: 'coming-from-oauth2orize.md#in-steps',
  },
  {
    name: 'grant-code',
    pattern: /\bgrant\s*\.\s*(?:code|authorizationCode)\s*\(/,
    counts: 'anywhere',
    found: 'the grant that issues codes',
    write: `import { grant } from 'koauthorize';

server.grant(grant.code(tokens.code));`,
    changes:
      'A code is good for 60 seconds and for one exchange, with the PKCE verifier. A second exchange ends the tokens of the first.',
    docs: 'coming-from-oauth2orize.md#before-and-after',
  },
  {
    name: 'grant-token',
    pattern: /\bgrant\s*\.\s*(?:token|implicit)\s*\(/,
    counts: 'anywhere',
    found: 'the implicit grant (response_type=token)',
    write: CODES_INSTEAD,
    changes:
      'Clients of the implicit grant change to the code grant with PKCE: OAuth 2.1 has no implicit grant, because histories, logs and Referer headers keep URLs.',
    ...IMPLICIT_FOR_A_WHILE,
  },
  {
    name: 'grant-own',
    pattern: /\.\s*grant\s*\(\s*['"`]/,
    counts: 'near',
    found: 'a response type of your own, or one that an extension has',
    write: `import { grant, openid, pkce } from 'koauthorize';
import { generateSigningKey, keySet } from 'koauthorize/tokens';

const keys = await keySet({ signing: await generateSigningKey('RS256') }); // in production from your configuration
const provider = createServer<App, User>({ issuer: 'https://as.example', clients: db.clients, clientID, redirectURIs, tokens, keys });
provider.grant(grant.code(tokens.code)).extend(pkce(), openid({ responseTypes: ['code id_token'] })); // a type of your own: an object with the members of Grant`,
    docs: 'extensions/writing-an-extension.md',
  },
  {
    name: 'exchange-code',
    pattern: /\bexchange\s*\.\s*(?:code|authorizationCode)\s*\(/,
    counts: 'anywhere',
    found: 'the exchange of codes',
    write: `import { exchange } from 'koauthorize';

server.exchange(exchange.code(tokens.code)); // compares client, redirect URI and PKCE, and takes a code once`,
    changes: 'Access tokens are opaque and last an hour; a refresh token comes with them.',
    docs: 'token-service.md',
  },
  {
    name: 'exchange-refresh-token',
    pattern: /\bexchange\s*\.\s*refreshToken\s*\(/,
    counts: 'anywhere',
    found: 'the exchange of refresh tokens',
    write: `import { exchange } from 'koauthorize';
import type { AdoptedToken } from 'koauthorize/tokens';

declare const adopt: (token: string) => Promise<AdoptedToken<User> | undefined>; // your look-up, by the hash if you kept hashes
tokenService<App, User>({ ...service, adopt }); // in place of the service above
server.exchange(exchange.refreshToken(tokens.refreshToken));`,
    changes:
      'Each refresh gives a new refresh token, which the client has to keep (RFC 9700 §2.2.2). The old one is good for 10 more seconds; later its use ends the family.',
    relaxation: {
      write: `tokenService<App, User>({ ...service, rotate: (client) => client.id !== 'old' });`,
      givesUp: 'that a stolen refresh token of this client is noticed',
    },
    docs: 'coming-over.md#what-becomes-of-a-token',
  },
  {
    name: 'exchange-client-credentials',
    pattern: /\bexchange\s*\.\s*clientCredentials\s*\(/,
    counts: 'anywhere',
    found: 'the client credentials exchange',
    write: `import { exchange } from 'koauthorize';

tokenService<App, User>({ ...service, clientScope: () => ['read'] }); // in place of the service above: what a client may have without a user
server.exchange(exchange.clientCredentials(tokens.clientCredentials));`,
    changes: 'No refresh token comes with it (RFC 6749 §4.4.3). Public clients may not use it.',
    docs: 'token-service.md#options',
  },
  {
    name: 'exchange-password',
    pattern: /\bexchange\s*\.\s*password\s*\(/,
    counts: 'anywhere',
    found: 'the password exchange: the client sees the password of the user',
    ...PASSWORD,
  },
  {
    name: 'exchange-own',
    pattern: /\.\s*exchange\s*\(\s*['"`]/,
    counts: 'near',
    found: 'a grant type of your own',
    ...OWN_GRANT,
  },
];
