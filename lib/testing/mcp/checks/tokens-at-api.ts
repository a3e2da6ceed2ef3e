/** Checks with tokens that the MCP server must refuse. */
import type { Page } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import { api, type Check, type Finding, FlowFailed, mcp, NotTried, succeeds } from '../check.js';
import { isAdmitted } from '../exam/calls.js';
import { bearerChallenge, challengeParam } from '../exam/challenge.js';
import type { Exam } from '../exam/exam.js';
import { documentIn, text } from '../exam/members.js';

const HANDLING = mcp('Token Handling');

/** An invalid token is answered with 401. */
const refused = (page: Page): Finding => (page.status === 401 ? undefined : describePage(page));

/** Checks that a request without a valid token was not admitted. */
const notAdmitted = (page: Page): Finding => (isAdmitted(page) ? describePage(page) : undefined);

/** Changes one character in the middle of the last part. The last character would not do: some of its bits are not decoded. */
function altered(token: string): string {
  const at = Math.floor((token.lastIndexOf('.') + 1 + token.length) / 2);
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

/** The other resources of the target. With `isLonger`, those whose identifiers begin with the identifier of the MCP server; otherwise all the rest. */
function otherResources({ target: { resource, otherResource } }: Exam, isLonger: boolean): readonly string[] {
  return [otherResource ?? []].flat().filter((each) => each.startsWith(resource) === isLonger);
}

/** Whether the MCP server accepts a token for one of these resources. @throws FlowFailed if the authorization server issues no such token */
async function isTakenFor({ flow, goodToken, callWith }: Exam, resources: readonly string[]): Promise<Finding> {
  await goodToken();
  for (const resource of resources) {
    const page = await flow.exchange(await flow.code({ resource, scope: undefined }), { resource });
    const token = text(documentIn(page).members['access_token']);
    if (token === undefined) throw new FlowFailed(`There is no token for ${resource}: ${describePage(page)}`);
    const finding = refused(await callWith(token));
    if (finding !== undefined) return `a token for ${resource}: ${finding}`;
  }
  return undefined;
}

async function garbage({ callWith }: Exam): Promise<Page> {
  return callWith('made-up-by-the-exam');
}

export const tokensAtAPI: readonly Check[] = [
  api.must(
    'good-token',
    HANDLING,
    'A token that was issued for the MCP server is accepted',
    succeeds(({ goodToken }) => goodToken()),
    ['handling.1', 'token.1'],
  ),
  api.must(
    'unknown-token',
    HANDLING,
    'A token that nobody issued is answered with 401',
    async (exam) => refused(await garbage(exam)),
    ['handling.1', 'handling.4', 'privilege.2', 'errors.1'],
  ),
  api.must(
    'unknown-token-challenge',
    'RFC 6750 §3',
    'The answer to an invalid token has a Bearer challenge, too',
    async (exam) => (bearerChallenge(await garbage(exam)) ? undefined : 'there is no WWW-Authenticate: Bearer'),
    ['handling.3'],
  ),
  api.should(
    'unknown-token-error',
    'RFC 6750 §3.1',
    'Its error is invalid_token, which tells the client that it needs a new token',
    async (exam) => {
      const error = challengeParam(await garbage(exam), 'error');
      return error === 'invalid_token' ? undefined : `it is ${error ?? 'missing'}`;
    },
  ),
  api.must(
    'altered-token',
    HANDLING,
    'A token of which one character was changed is answered with 401',
    async ({ goodToken, callWith }) => refused(await callWith(altered(await goodToken()))),
    ['handling.1', 'privilege.2'],
  ),
  api.must(
    'token-in-query',
    mcp('Token Requirements'),
    'A token in the query is not accepted: logs and histories keep URLs',
    async ({ goodToken, call, target }) => {
      const url = new URL(target.request?.url ?? target.resource);
      url.searchParams.set('access_token', await goodToken());
      return notAdmitted(await call(undefined, { url: url.href }));
    },
    ['token.4'],
  ),
  api.must(
    'scheme-in-any-case',
    'RFC 9110 §11.1',
    'Bearer may be spelt in upper and lower case',
    async ({ goodToken, call }) => {
      const page = await call(`bEARER ${await goodToken()}`);
      return isAdmitted(page) ? undefined : describePage(page);
    },
  ),
  api.must(
    'other-scheme',
    mcp('Token Requirements'),
    'A token with another scheme than Bearer is not accepted',
    async ({ goodToken, call }) => {
      const token = await goodToken();
      for (const scheme of ['Basic', 'Token', 'BearerX'])
        if (isAdmitted(await call(`${scheme} ${token}`))) return `${scheme} is taken`;
      return notAdmitted(await call(token));
    },
    ['token.1'],
  ),
  api.must(
    'refresh-token-at-api',
    HANDLING,
    'A refresh token is no access token',
    async ({ refreshToken, callWith }) => refused(await callWith(await refreshToken())),
    ['handling.1', 'handling.6'],
  ),
  api.must(
    'code-at-api',
    HANDLING,
    'An authorization code is no access token',
    async ({ flow, callWith }) => refused(await callWith((await flow.code()).code)),
    ['handling.1', 'handling.6'],
  ),
  api.must(
    'id-token-at-api',
    HANDLING,
    'An ID token, which is for the client, is no access token',
    async ({ flow, callWith }) => {
      const token = text((await flow.honest())['id_token']);
      if (token === undefined) throw new NotTried('the client is given no ID token');
      return refused(await callWith(token));
    },
    ['handling.6'],
  ),
  api.must(
    'token-of-another-resource',
    mcp('Access Token Privilege Restriction'),
    'A token that was issued for another resource is answered with 401',
    async (exam) => {
      const others = otherResources(exam, false);
      if (others.length === 0) throw new NotTried('no `otherResource`');
      return isTakenFor(exam, others);
    },
    ['handling.2', 'handling.5', 'handling.6', 'privilege.3', 'privilege.4', 'audience.2'],
  ),
  api.must(
    'token-of-a-longer-resource',
    mcp('Access Token Privilege Restriction'),
    'A token for a resource whose identifier only begins with that of the MCP server is answered with 401',
    async (exam) => {
      const others = otherResources(exam, true);
      if (others.length === 0) throw new NotTried('no `otherResource` that begins with the URL of the MCP server');
      return isTakenFor(exam, others);
    },
    ['handling.2', 'handling.5', 'handling.6', 'privilege.3', 'privilege.4', 'audience.2'],
  ),
];
