/** Checks of the resource that a token is for. @see RFC 8707 */
import { type Check, mcp, NotTried, server, succeeds } from '../check.js';
import type { Exam } from '../exam/exam.js';
import { documentIn, text } from '../exam/members.js';
import { isGiven } from './refusals.js';

const OTHER = 'https://attacker.example/mcp';

/** The audience of an honest token. @throws NotTried if it is no JWT */
async function audience({ goodToken }: Exam): Promise<readonly unknown[]> {
  try {
    const claims = Object(JSON.parse(Buffer.from((await goodToken()).split('.')[1] ?? '', 'base64url').toString()));
    return [claims.aud ?? []].flat();
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new NotTried('the access token is no JWT');
    throw cause;
  }
}

export const resources: readonly Check[] = [
  server.must(
    'resource-parameter',
    mcp('Resource Parameter Implementation'),
    'Requests that name the resource, at both endpoints, are answered: clients always name it',
    succeeds(({ flow, target }) => flow.tokens({ resource: target.resource })),
  ),
  server.should(
    'token-audience',
    'RFC 8707 §2',
    'The token is for the resource that was named, and for no other',
    async (exam) => {
      const named = await audience(exam);
      const { resource } = exam.target;
      const isRight = named.includes(resource) && named.every((each) => each === resource);
      return isRight ? undefined : `its audience is ${named.join(', ') || 'missing'}`;
    },
  ),
  server.should('resource-unknown', 'RFC 8707 §2', 'A resource that the server does not know is refused', (exam) =>
    isGiven(exam, { resource: OTHER }),
  ),
  server.should(
    'resource-malformed',
    'RFC 8707 §2',
    'A resource that is no absolute URI, or has a fragment, is refused',
    async (exam) =>
      (await isGiven(exam, { resource: 'mcp.example' })) ?? isGiven(exam, { resource: `${exam.target.resource}#x` }),
  ),
  server.should(
    'resource-swap',
    'RFC 8707 §2.2',
    'A code that was allowed for the MCP server gives no token for another resource',
    async ({ flow }) => {
      await flow.honest();
      const page = await flow.exchange(await flow.code(), { resource: OTHER });
      return text(documentIn(page).members['access_token']) === undefined ? undefined : 'it gives one';
    },
  ),
];
