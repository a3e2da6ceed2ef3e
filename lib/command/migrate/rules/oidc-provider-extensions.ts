/** Features of oidc-provider that are extensions of OAuth. */
import type { MigrationRule } from '../rule.js';

const AUTHENTICATED = 'declare const authenticateClient: Middleware; // that of the token endpoint\n';

export const OIDC_PROVIDER_EXTENSIONS: readonly MigrationRule[] = [
  {
    name: 'device',
    pattern: /\bdeviceFlow\b/,
    counts: 'anywhere',
    found: 'the device flow',
    write: `import { deviceAuthorization } from 'koauthorize';

${AUTHENTICATED}server.extend(deviceAuthorization());
router.post('/device/auth', authenticateClient, server.route('device_authorization'));
router.all('/device', login, server.route('device_verification'), dialog);
router.post('/device/decision', login, server.route('device_decision'), dialog);`,
    docs: 'extensions/device-authorization.md',
  },
  {
    name: 'ciba',
    pattern: /\bciba\s*:|\bbackchannelResult\s*\(/,
    counts: 'anywhere',
    found: 'CIBA',
    write: `import { backchannelAuthentication, openid } from 'koauthorize';

declare const push: (user: User, requestID: string) => Promise<void>; // yours
server.extend(openid()).extend(
  backchannelAuthentication<App, User>({
    findUser: ({ loginHint = '' }) => db.users.find(loginHint),
    ask: (_ctx, { id, user }) => push(user, id),
  }),
);`,
    docs: 'extensions/backchannel-authentication.md',
  },
  {
    name: 'dpop',
    pattern: /\bdPoP\s*:/,
    counts: 'anywhere',
    found: 'DPoP',
    write: `import { dpop } from 'koauthorize';

server.extend(dpop()); // there it was on without being asked for`,
    docs: 'extensions/dpop.md',
  },
  {
    name: 'mtls',
    pattern: /\bmTLS\s*:/,
    counts: 'anywhere',
    found: 'certificates of clients',
    write: `import { certificateBoundTokens } from 'koauthorize';
import { headerCertificate } from 'koauthorize/resource-server';

server.extend(certificateBoundTokens({ certificate: headerCertificate({ name: 'X-Client-Cert' }) })); // and tlsClientAuth() among the methods`,
    docs: 'extensions/certificate-bound-tokens.md',
  },
  {
    name: 'pushed-requests',
    pattern: /\bpushedAuthorizationRequests\b/,
    counts: 'anywhere',
    found: 'pushed authorization requests',
    write: `import { pushedRequests } from 'koauthorize';

${AUTHENTICATED}router.post('/request', authenticateClient, server.endpoint(pushedRequests()));`,
    docs: 'extensions/pushed-requests.md',
  },
  {
    name: 'request-objects',
    pattern: /\brequestObjects\s*:/,
    counts: 'near',
    found: 'signed requests (JAR)',
    write: `import { requestObjects } from 'koauthorize';

server.extend(requestObjects());`,
    docs: 'extensions/request-objects.md',
  },
  {
    name: 'jwt-responses',
    pattern: /\bjwtResponseModes\b/,
    counts: 'anywhere',
    found: 'signed responses (JARM)',
    write: `import { jwtResponses } from 'koauthorize';

server.extend(jwtResponses());`,
    docs: 'extensions/jwt-responses.md',
  },
  {
    name: 'authorization-details',
    pattern: /\brichAuthorizationRequests\b/,
    counts: 'anywhere',
    found: 'rich authorization requests',
    write: `import { authorizationDetails } from 'koauthorize';

server.extend(authorizationDetails({ types: { payment: { required: ['amount'], validate: ({ amount }) => typeof amount === 'string' } } }));`,
    docs: 'extensions/authorization-details.md',
  },
  {
    name: 'resource-indicators',
    pattern: /\b(?:resourceIndicators|getResourceServerInfo)\b/,
    counts: 'near',
    found: 'APIs that a client asks for (resource indicators)',
    write: `import { resourceIndicators } from 'koauthorize';
import { jwt } from 'koauthorize/tokens';

const API = 'https://api.example/';
server.extend(resourceIndicators({ resources: { [API]: { scopes: ['read'], lifetime: 300, accessTokens: jwt({ audience: API }) } } }));`,
    docs: 'extensions/resource-indicators.md',
  },
  {
    name: 'client-id-metadata',
    pattern: /\bclientIdMetadataDocument\b/,
    counts: 'anywhere',
    found: 'clients whose identifier is a URL',
    write: `import { type Client as AnyClient, clientIDMetadata, createServer as create } from 'koauthorize';

create<AnyClient, User>({ issuer: 'https://op.example' }).extend(clientIDMetadata());`,
    docs: 'extensions/client-id-metadata.md',
  },
  {
    name: 'not-there',
    pattern:
      /\b(?:encryption\s*:\s*\{|fapi\s*:\s*\{|attestClientAuth|openid4vci|webMessageResponseMode|externalSigningSupport|jwtUserinfo)/,
    counts: 'near',
    found: 'a feature without an option of the same name',
    write: `import { fapi2 } from 'koauthorize/profile/fapi2';

const strict = fapi2<App, User>(); // fapi; externalSigningSupport: keys that sign elsewhere; jwtUserinfo: clients register userinfo_signed_response_alg`,
    changes:
      'Encrypted tokens, attestation of clients, OpenID4VCI and response_mode=web_message are not there: clients that need them cannot move.',
    docs: 'specifications.md#not-there',
  },
];
