/** Checks of the metadata of the authorization server, and of the URLs of its endpoints. */
import { type Check, mcp, server, succeeds } from '../check.js';
import { emptyLists, isJSON, isSecure, list, type Members, text } from '../exam/members.js';
import { ofServerMembers } from './server-members.js';

/** Names and values of the endpoints in the document. */
const endpointsIn = (members: Members): readonly (readonly [string, unknown])[] =>
  Object.entries(members).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri');

const requires = (name: string): Check['run'] =>
  ofServerMembers(({ [name]: value }) => (URL.canParse(text(value) ?? '') ? undefined : `it has no ${name}`));

const found: readonly Check[] = [
  server.must(
    'metadata',
    mcp('Overview'),
    'There is metadata, of RFC 8414 or of OpenID Connect Discovery',
    succeeds(({ documents }) => documents.server()),
    ['overview.4', 'discovery.1'],
  ),
  server.must('metadata-json', 'RFC 8414 §3.2', 'It is application/json', async ({ documents }) => {
    const { page } = await documents.server();
    return isJSON(page) ? undefined : `${page.headers.get('content-type')}`;
  }),
  server.must(
    'metadata-issuer',
    'RFC 8414 §3.3',
    'Its issuer is exactly the identifier that its URL was made from',
    async ({ documents }) => {
      const { issuer } = (await documents.server()).members;
      const asked = await documents.issuer();
      return issuer === asked ? undefined : `it is ${JSON.stringify(issuer)}, not ${asked}`;
    },
    ['server-discovery.5'],
  ),
  server.must(
    'openid-metadata-issuer',
    'OpenID Connect Discovery §4.3',
    'The issuer in the document of OpenID Connect Discovery is that identifier, too, if there is such a document',
    async ({ documents }) => {
      const document = await documents.openid();
      const { issuer } = document?.members ?? {};
      return !document || issuer === (await documents.issuer()) ? undefined : `it is ${JSON.stringify(issuer)}`;
    },
    ['server-discovery.5'],
  ),
  server.must(
    'issuer-url',
    'RFC 8414 §2',
    'The issuer is an https URL without query and fragment (http on a loopback host)',
    async ({ documents }) => {
      const issuer = await documents.issuer();
      return isSecure(issuer) && !/[?#]/.test(issuer) ? undefined : issuer;
    },
    ['communication.1'],
  ),
];

const endpoints: readonly Check[] = [
  server.must(
    'metadata-authorization-endpoint',
    'RFC 8414 §2',
    'It has the authorization endpoint',
    requires('authorization_endpoint'),
  ),
  server.must('metadata-token-endpoint', 'RFC 8414 §2', 'It has the token endpoint', requires('token_endpoint')),
  server.must(
    'endpoints-https',
    mcp('Communication Security'),
    'All endpoints are served over https (http on a loopback host)',
    ofServerMembers((members) => {
      const open = endpointsIn(members).filter(([, url]) => !isSecure(text(url) ?? ''));
      return open.map(([name, url]) => `${name} is ${url}`).join(', ') || undefined;
    }),
    ['communication.1', 'communication.2'],
  ),
  server.must(
    'endpoints-without-fragment',
    'RFC 6749 §3.1, §3.2',
    'No endpoint has a fragment',
    ofServerMembers((members) => endpointsIn(members).find(([, url]) => (text(url) ?? '').includes('#'))?.[0]),
  ),
  server.must(
    'metadata-no-empty-lists',
    'RFC 8414 §3.2',
    'Members without elements are left out',
    ofServerMembers((members) => emptyLists(members).join(', ') || undefined),
  ),
  server.must(
    'metadata-response-types',
    'RFC 8414 §2',
    'It lists the response types, and code is among them',
    ofServerMembers(({ response_types_supported: types }) =>
      list(types).includes('code') ? undefined : 'response_types_supported has no code',
    ),
  ),
  server.must(
    'metadata-no-password',
    'RFC 9700 §2.4',
    'It does not offer the password grant',
    ofServerMembers(({ grant_types_supported: types }) =>
      list(types).includes('password') ? 'grant_types_supported has password' : undefined,
    ),
    ['overview.1', 'security.2'],
  ),
  server.should(
    'metadata-no-implicit',
    'RFC 9700 §2.1.2',
    'It does not offer access tokens in the redirect',
    ofServerMembers(({ response_types_supported: types }) =>
      list(types).find((type) => type.split(' ').includes('token')),
    ),
  ),
];

export const serverMetadata: readonly Check[] = [...found, ...endpoints];
