/** Checks of the metadata of the MCP server. */
import { api, type Check, type Finding, mcp, succeeds } from '../check.js';
import { challengeParam } from '../exam/challenge.js';
import { resourcePlaces } from '../exam/documents.js';
import type { Exam } from '../exam/exam.js';
import { emptyLists, isJSON, isSecure, list, type Members, text } from '../exam/members.js';

/** A check of the members of the document. */
const ofMembers =
  (judge: (members: Members, exam: Exam) => Finding) =>
  async (exam: Exam): Promise<Finding> =>
    judge((await exam.documents.resource()).members, exam);

/** RFC 8414 §2: https, no query, no fragment. */
function isIssuer(url: string): boolean {
  return isSecure(url) && !url.includes('?') && !url.includes('#');
}

const LOCATION = mcp('Authorization Server Location');

export const resourceMetadata: readonly Check[] = [
  api.must(
    'resource-metadata',
    LOCATION,
    'There is metadata of the resource',
    succeeds(({ documents }) => documents.resource()),
    ['overview.2', 'location.1'],
  ),
  api.must(
    'resource-metadata-well-known',
    'RFC 9728 §3.1',
    'It is at the well-known location with the path of the resource',
    async ({ documents, target }) => {
      const [first] = await documents.wellKnownResource();
      const isThere = first?.page.status === 200 && 'resource' in first.members;
      return isThere ? undefined : `there is nothing at ${resourcePlaces(target.resource)[0]}`;
    },
    ['location.1'],
  ),
  api.must('resource-metadata-json', 'RFC 9728 §3.2', 'It is application/json', async ({ documents }) => {
    const { page } = await documents.resource();
    return isJSON(page) ? undefined : `${page.headers.get('content-type')}`;
  }),
  api.must(
    'resource-metadata-identifier',
    'RFC 9728 §3.3',
    'Its resource is the identifier that the well-known location was made from',
    async ({ documents, target }) => {
      const [first] = await documents.wellKnownResource();
      const named = first?.members['resource'] ?? (await documents.resource()).members['resource'];
      return named === target.resource ? undefined : `it is ${JSON.stringify(named)}, not ${target.resource}`;
    },
    ['location.1'],
  ),
  api.must(
    'challenge-identifier',
    'RFC 9728 §3.3',
    'In the metadata that a challenge leads to, resource is the URL of the request',
    async ({ documents, target }) => {
      if (challengeParam(await documents.unauthorized(), 'resource_metadata') === undefined) return undefined;
      const { resource } = (await documents.resource()).members;
      return resource === target.resource ? undefined : `it is ${JSON.stringify(resource)}`;
    },
  ),
  api.must(
    'resource-identifier',
    'RFC 9728 §1.2',
    'The identifier is an https URL without a fragment (http on a loopback host)',
    ofMembers(({ resource }) => {
      const url = text(resource) ?? '';
      return isSecure(url) && !url.includes('#') ? undefined : url || 'it has none';
    }),
  ),
  api.should(
    'resource-identifier-slash',
    mcp('Canonical Server URI'),
    'An identifier without a path has no slash at its end',
    ofMembers(({ resource }) => (/^https?:\/\/[^/]*\/$/.test(text(resource) ?? '') ? `${resource}` : undefined)),
  ),
  api.must(
    'authorization-servers',
    LOCATION,
    'It names at least one authorization server',
    ofMembers(({ authorization_servers: servers }) =>
      list(servers).length > 0 ? undefined : 'there are no authorization_servers',
    ),
    ['location.2'],
  ),
  api.must(
    'authorization-servers-are-issuers',
    'RFC 9728 §2',
    'The authorization servers are issuer identifiers: https, without query and fragment',
    ofMembers(({ authorization_servers: servers }) => list(servers).find((url) => !isIssuer(url))),
  ),
  api.must(
    'authorization-server-listed',
    LOCATION,
    'The authorization server that issues the tokens is one of them',
    async ({ documents }) => {
      const issuer = await documents.issuer();
      const servers = list((await documents.resource()).members['authorization_servers']);
      return servers.includes(issuer) ? undefined : `${issuer} is not`;
    },
    ['location.1'],
  ),
  api.must(
    'resource-metadata-no-empty-lists',
    'RFC 9728 §3.2',
    'Members without elements are left out',
    ofMembers((members) => emptyLists(members).join(', ') || undefined),
  ),
  api.must(
    'resource-metadata-no-query-tokens',
    mcp('Token Requirements'),
    'It does not offer tokens in the query',
    ofMembers(({ bearer_methods_supported: methods }) =>
      list(methods).includes('query') ? 'bearer_methods_supported has query' : undefined,
    ),
    ['token.4'],
  ),
  api.must(
    'resource-metadata-header-tokens',
    mcp('Token Requirements'),
    'If it lists how tokens are sent, the header is among them',
    ofMembers(({ bearer_methods_supported: methods }) =>
      methods === undefined || list(methods).includes('header') ? undefined : 'bearer_methods_supported has no header',
    ),
    ['token.1'],
  ),
  api.must(
    'resource-metadata-algorithms',
    'RFC 9728 §2',
    'It does not offer unsigned responses: none is not among the algorithms',
    ofMembers(({ resource_signing_alg_values_supported: algorithms }) =>
      list(algorithms).includes('none') ? 'resource_signing_alg_values_supported has none' : undefined,
    ),
  ),
  api.should(
    'resource-metadata-scopes',
    'RFC 9728 §2',
    'It lists the scopes',
    ofMembers(({ scopes_supported: scopes }) =>
      list(scopes).length > 0 ? undefined : 'there are no scopes_supported',
    ),
  ),
  api.should(
    'resource-metadata-without-offline-access',
    mcp('Refresh Tokens'),
    'Its scopes do not have offline_access',
    ofMembers(({ scopes_supported: scopes }) =>
      list(scopes).includes('offline_access') ? 'scopes_supported has offline_access' : undefined,
    ),
  ),
];
