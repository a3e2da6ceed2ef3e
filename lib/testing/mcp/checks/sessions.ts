/** Checks what a session ID gives access to. Only MCP revisions before 2026-07-28 have sessions, but many servers still use them. */
import type { Page } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import { api, type Check, type Finding, FlowFailed, mcp } from '../check.js';
import { hasResult, isAdmitted, message } from '../exam/calls.js';
import type { Exam } from '../exam/exam.js';
import { text } from '../exam/members.js';
import type { MCPRequest } from '../target.js';

const HIJACKING = mcp('Security Best Practices, State Handle Hijacking');
const LIST: MCPRequest = { body: message('tools/list', { id: 2 }) };
/** Every user of a session may send it, in every MCP revision with sessions. */
const PING: MCPRequest = { body: message('ping', { id: 3 }) };

const inSession = (session: string, request: MCPRequest): MCPRequest => ({
  ...request,
  headers: { 'mcp-session-id': session },
});

/** The ID of a new session of the honest user; undefined if the MCP server has no sessions. */
async function begin({ call, goodToken }: Exam): Promise<string | undefined> {
  const authorization = `Bearer ${await goodToken()}`;
  const session = (await call(authorization)).headers.get('mcp-session-id') ?? undefined;
  if (session !== undefined)
    await call(authorization, inSession(session, { body: message('notifications/initialized') }));
  return session;
}

/** Whether a request is admitted because of its session ID: the same request without the ID is refused. The status 404 says that the session does not exist. */
function letsIn(within: Page, outside: Page): boolean {
  return isAdmitted(within) && within.status !== 404 && within.status !== outside.status;
}

async function tokenOfAnother({ flow, call }: Exam): Promise<string> {
  const token = text((await flow.tokens({}, undefined, await flow.otherVisitor()))['access_token']) ?? '';
  const page = await call(`Bearer ${token}`);
  if (isAdmitted(page)) return token;
  throw new FlowFailed(`The MCP server does not take the token of another user: ${describePage(page)}`);
}

async function isSharedWithAnother(exam: Exam): Promise<Finding> {
  const other = await tokenOfAnother(exam);
  const session = await begin(exam);
  if (session === undefined) return undefined;
  const request = inSession(session, PING);
  const own = await exam.call(`Bearer ${await exam.goodToken()}`, request);
  if (!hasResult(own)) throw new FlowFailed(`A session is of no use to its own user: ${describePage(own)}`);
  const page = await exam.call(`Bearer ${other}`, request);
  return hasResult(page) ? describePage(page) : undefined;
}

export const sessions: readonly Check[] = [
  api.must(
    'session-is-no-token',
    HIJACKING,
    'A session ID does not replace a token, and does not make an invalid token valid',
    async (exam) => {
      const session = (await begin(exam)) ?? 'made-up';
      for (const token of [undefined, 'Bearer made-up-by-the-exam']) {
        const within = await exam.call(token, inSession(session, LIST));
        if (letsIn(within, await exam.call(token, LIST)))
          return `with ${token === undefined ? 'no' : 'a made-up'} token: ${describePage(within)}`;
      }
      return undefined;
    },
  ),
  api.should(
    'session-of-another-user',
    HIJACKING,
    'The session of one user is of no use with the token of another',
    isSharedWithAnother,
  ),
];
