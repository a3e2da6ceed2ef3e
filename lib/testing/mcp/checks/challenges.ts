/** Checks of the answers of the MCP server to requests without a token. */
import { describePage } from '../../attack/request.js';
import { api, type Check, type Finding, mcp } from '../check.js';
import { hasResult, message } from '../exam/calls.js';
import { bearerChallenge, challengeParam } from '../exam/challenge.js';
import type { Exam } from '../exam/exam.js';
import { documentIn, list, words } from '../exam/members.js';
import type { MCPRequest } from '../target.js';

/** RFC 6749 §3.3 */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;

const ERROR_HANDLING = mcp('Error Handling');

/** Checks that the MCP server refuses requests without a token. */
async function admitsWithout({ call }: Exam, requests: readonly MCPRequest[]): Promise<Finding> {
  for (const request of requests) {
    const page = await call(undefined, request);
    if (page.status < 300) return `${request.method ?? 'POST'} is answered with ${page.status}`;
  }
  return undefined;
}

export const challenges: readonly Check[] = [
  api.must(
    'unauthorized-status',
    ERROR_HANDLING,
    'A request without a token is answered with 401',
    async ({ documents }) => {
      const page = await documents.unauthorized();
      return page.status === 401 ? undefined : describePage(page);
    },
    ['errors.1', 'handling.1'],
  ),
  api.must(
    'unauthorized-no-result',
    mcp('Access Token Privilege Restriction'),
    'A request without a token gets no result',
    async ({ documents }) => (hasResult(await documents.unauthorized()) ? 'the answer has a result' : undefined),
    ['privilege.1'],
  ),
  api.must(
    'unauthorized-other-methods',
    mcp('Token Requirements'),
    'GET and DELETE need a token, as POST does',
    (exam) => admitsWithout(exam, [{ method: 'GET', headers: { accept: 'application/json' } }, { method: 'DELETE' }]),
    ['privilege.1'],
  ),
  api.must(
    'unauthorized-every-message',
    mcp('Access Token Privilege Restriction'),
    'Every kind of message needs a token: lists, calls and notifications',
    (exam) =>
      admitsWithout(exam, [
        { body: message('tools/list', { id: 1 }) },
        { body: message('tools/call', { id: 1, params: { name: 'any' } }) },
        { body: message('notifications/initialized') },
      ]),
    ['privilege.1'],
  ),
  api.must(
    'challenge-bearer',
    'RFC 6750 §3',
    'A 401 has a WWW-Authenticate header with a Bearer challenge',
    async ({ documents }) => (bearerChallenge(await documents.unauthorized()) ? undefined : 'there is none'),
    ['handling.3', 'token.1'],
  ),
  api.must(
    'challenge-parameters-once',
    'RFC 6750 §3',
    'No parameter occurs twice in a challenge',
    async ({ documents }) => {
      const names = (bearerChallenge(await documents.unauthorized()) ?? []).map(([name]) => name);
      const twice = names.filter((name, index) => names.indexOf(name) !== index);
      return twice.length > 0 ? twice.join(', ') : undefined;
    },
  ),
  api.should(
    'challenge-without-error',
    'RFC 6750 §3.1',
    'The challenge of a request without a token has no error code: there was no token that could be wrong',
    async ({ documents }) => challengeParam(await documents.unauthorized(), 'error'),
  ),
  api.should(
    'challenge-scope',
    mcp('Scope Selection Strategy'),
    'The challenge names the required scope',
    async ({ documents }) =>
      challengeParam(await documents.unauthorized(), 'scope') === undefined ? 'it has no scope' : undefined,
  ),
  api.must(
    'challenge-scope-syntax',
    'RFC 6750 §3',
    'The scope of a challenge consists of words with one space between them',
    async ({ documents }) => {
      const scope = challengeParam(await documents.unauthorized(), 'scope');
      return scope === undefined || SCOPE.test(scope) ? undefined : JSON.stringify(scope);
    },
  ),
  api.should(
    'challenge-without-offline-access',
    mcp('Refresh Tokens'),
    'The challenge does not ask for offline_access: refresh tokens do not concern the MCP server',
    async ({ documents }) =>
      words(challengeParam(await documents.unauthorized(), 'scope')).includes('offline_access')
        ? 'its scope has offline_access'
        : undefined,
  ),
  api.must(
    'discovery-mechanism',
    mcp('Protected Resource Metadata Discovery Requirements'),
    'A client finds the metadata by the challenge, or at a well-known location',
    async ({ documents }) => {
      const told = challengeParam(await documents.unauthorized(), 'resource_metadata');
      const known = (await documents.wellKnownResource()).some(
        ({ page, members }) => page.status === 200 && 'resource' in members,
      );
      return told === undefined && !known ? 'there is neither' : undefined;
    },
    ['discovery.1', 'resource-discovery.1'],
  ),
  api.must(
    'challenge-metadata',
    'RFC 9728 §5.1',
    'The resource_metadata of a challenge is the URL of the metadata',
    async ({ documents, call }) => {
      const told = challengeParam(await documents.unauthorized(), 'resource_metadata');
      if (told === undefined) return undefined;
      if (!URL.canParse(told)) return `${told} is no URL`;
      const { page, members } = documentIn(await call(undefined, { url: told, method: 'GET' }));
      return page.status === 200 && list(members['authorization_servers']).length > 0 ? undefined : describePage(page);
    },
    ['location.1'],
  ),
];
