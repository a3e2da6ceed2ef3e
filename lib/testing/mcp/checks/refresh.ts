/** Checks of refresh tokens. */
import { send } from '../../attack/http.js';
import { credentials, describePage } from '../../attack/request.js';
import type { AttackClient } from '../../attack/target.js';
import { type Check, FlowFailed, mcp, NotTried, server } from '../check.js';
import { isAdmitted } from '../exam/calls.js';
import type { Exam } from '../exam/exam.js';
import type { Changes } from '../exam/flow.js';
import { documentIn, type Members, text, words } from '../exam/members.js';

const THEFT = mcp('Token Theft');
/** Seconds to wait after the grace window of a used token. */
const MORE = 1;

interface Refreshed {
  readonly client: AttackClient;
  readonly first: string;
  readonly members: Members;
}

const refresh = ({ flow }: Exam, client: AttackClient, refresh_token: string, changes: Changes = {}) =>
  flow.post(client, { grant_type: 'refresh_token', refresh_token, ...changes });

/** @throws FlowFailed if an honest refresh gives no token */
async function refreshed(exam: Exam): Promise<Refreshed> {
  const [first, client] = [await exam.refreshToken(), await exam.registration.client()];
  const page = await refresh(exam, client, first);
  if (page.status === 200) return { client, first, members: documentIn(page).members };
  throw new FlowFailed(`An honest refresh gives no token: ${describePage(page)}`);
}

/** Presents a used refresh token again, after its grace window. */
async function replayed(exam: Exam): Promise<Refreshed & { readonly isAnswered: boolean }> {
  const made = await refreshed(exam);
  if (made.client.client_secret !== undefined) throw new NotTried('the client has a secret');
  const { grace = 0 } = exam.target;
  if (grace > 0) await exam.wait(grace + MORE);
  const page = await refresh(exam, made.client, made.first);
  return { ...made, isAnswered: page.status === 200 };
}

const rotation: readonly Check[] = [
  server.must(
    'refresh-rotates',
    THEFT,
    'A refresh gives a public client a new refresh token',
    async (exam) => {
      const { client, first, members } = await refreshed(exam);
      if (client.client_secret !== undefined) throw new NotTried('the client has a secret');
      const next = text(members['refresh_token']);
      if (next === undefined) return 'there is none';
      return next === first ? 'it is the same' : undefined;
    },
    ['theft.2', 'security.2'],
  ),
  server.must(
    'refresh-once',
    'RFC 9700 §4.14.2',
    'A refresh token of a public client that was used is refused',
    async (exam) => ((await replayed(exam)).isAnswered ? 'it was taken twice' : undefined),
    ['theft.2', 'security.2'],
  ),
  server.should(
    'refresh-replay-ends-family',
    'RFC 9700 §4.14.2',
    'If a used refresh token comes again, its successor ends: one of the two senders is a thief',
    async (exam) => {
      const { client, members, isAnswered } = await replayed(exam);
      const next = text(members['refresh_token']);
      if (next === undefined || isAnswered) return 'the refresh token is not rotated';
      return (await refresh(exam, client, next)).status === 200 ? 'its successor still works' : undefined;
    },
  ),
];

const use: readonly Check[] = [
  server.must(
    'refresh-token-of-another-client',
    'RFC 6749 §6',
    'A refresh token is not accepted from another client',
    async (exam) => {
      await refreshed(exam);
      const page = await refresh(exam, await exam.registration.otherClient(), await exam.refreshToken());
      return page.status === 200 ? 'it is taken' : undefined;
    },
    ['security.2'],
  ),
  server.must(
    'refresh-narrows',
    'RFC 6749 §6',
    'A refresh gives no scope that the user has not allowed',
    async (exam) => {
      const { client } = await refreshed(exam);
      const page = await refresh(exam, client, await exam.refreshToken(), { scope: 'made:up' });
      const { members } = documentIn(page);
      return page.status === 200 && words(members['scope'] ?? 'made:up').includes('made:up')
        ? `it gives ${members['scope'] ?? 'what was asked for'}`
        : undefined;
    },
    ['security.2'],
  ),
  server.must(
    'refreshed-token',
    mcp('Token Handling'),
    'The MCP server accepts an access token from a refresh',
    async (exam) => {
      await exam.goodToken();
      const { client } = await refreshed(exam);
      const page = await refresh(exam, client, await exam.refreshToken(), { resource: exam.target.resource });
      const used = await exam.call(`Bearer ${documentIn(page).members['access_token']}`);
      return isAdmitted(used) ? undefined : describePage(used);
    },
    ['handling.2'],
  ),
  server.must('revoked-refresh-token', 'RFC 7009 §2.1', 'A refresh token that was revoked is refused', async (exam) => {
    const url = text((await exam.documents.server()).members['revocation_endpoint']);
    if (url === undefined) throw new NotTried('the metadata has no revocation_endpoint');
    const { client } = await refreshed(exam);
    const token = await exam.refreshToken();
    const { headers, fields } = credentials(client);
    const body = new URLSearchParams({ ...fields, token, token_type_hint: 'refresh_token' });
    const revoked = await send(url, { method: 'POST', headers, body });
    if (revoked.status !== 200) return describePage(revoked);
    return (await refresh(exam, client, token)).status === 200 ? 'it still works' : undefined;
  }),
];

export const refreshTokens: readonly Check[] = [...rotation, ...use];
