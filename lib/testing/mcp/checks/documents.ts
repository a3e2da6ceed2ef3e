/** Checks of clients with a document instead of a registration. @see draft-ietf-oauth-client-id-metadata-document */
import { describePage } from '../../attack/request.js';
import { type Check, mcp, NotTried, server, succeeds } from '../check.js';
import { DRAFT, refuses, takesGood } from './taken-documents.js';

const REQUIREMENTS = mcp('Client ID Metadata Documents, Implementation Requirements');
const HOST = 'callback.mcp-exam.example';

const contents: readonly Check[] = [
  server.should(
    'document',
    REQUIREMENTS,
    'A client that nobody has registered is accepted by its document',
    succeeds(takesGood),
    ['documents.1'],
  ),
  server.must(
    'document-client-id',
    REQUIREMENTS,
    'A document whose client_id is not exactly its URL is refused',
    refuses('/client-id.json', { client_id: 'https://another.mcp-exam.example/client.json' }),
    ['documents.1', 'documents.6'],
  ),
  server.must(
    'document-json',
    REQUIREMENTS,
    'A document that is no JSON is refused',
    refuses('/broken.json', {}, { body: '{ "client_id": ' }),
    ['documents.1', 'documents.8'],
  ),
  server.must(
    'document-redirect-uris',
    REQUIREMENTS,
    'A document without redirect_uris is refused',
    refuses('/redirect-uris.json', { redirect_uris: undefined }),
    ['documents.1', 'documents.8'],
  ),
  server.must(
    'document-client-name',
    REQUIREMENTS,
    'A document without client_name is refused',
    refuses('/client-name.json', { client_name: undefined }),
    ['documents.1', 'documents.8'],
  ),
  server.must(
    'document-secret',
    `${DRAFT} §4.1`,
    'A document with a secret, which everybody could read, is refused',
    refuses('/secret.json', { client_secret: 'open', client_secret_expires_at: 0 }),
    ['documents.1', 'documents-security.1'],
  ),
  server.must(
    'document-secret-method',
    `${DRAFT} §4.1`,
    'A document whose client authenticates by a secret is refused',
    refuses('/method.json', { token_endpoint_auth_method: 'client_secret_post' }),
    ['documents.1', 'documents-security.1'],
  ),
  server.must(
    'document-redirect-uri',
    REQUIREMENTS,
    'A redirect URI that is not in the document is refused',
    async (exam) => {
      await takesGood(exam);
      const { client_id } = await exam.registration.publish('/redirect-uri.json');
      const redirect_uri = 'https://attacker.example/callback';
      const { page, answer } = await exam.flow.attempt({ redirect_uri }, { client_id, redirect_uri });
      if (exam.flow.formOf(page)) return 'a dialog is shown';
      return answer.location?.startsWith(redirect_uri) ? `the browser is sent to ${answer.location}` : undefined;
    },
    ['documents.1', 'documents.7', 'redirection.2'],
  ),
];

const shown: readonly Check[] = [
  server.must(
    'document-redirect-host',
    mcp('Localhost Redirect URI Risks'),
    'The dialog shows the host that the answer goes to',
    async (exam) => {
      const redirect_uri = `https://${HOST}/callback`;
      const client = await exam.registration.publish('/shown.json', {
        redirect_uris: [redirect_uri],
        application_type: 'web',
      });
      const { page } = await exam.flow.ask({ prompt: 'consent' }, { client });
      if (!exam.flow.formOf(page)) throw new NotTried(`no dialog is shown: ${describePage(page)}`);
      return visible(page.text).includes(HOST) ? undefined : `it does not show ${HOST}`;
    },
    ['documents-security.2'],
  ),
  server.should(
    'document-client-host',
    `${DRAFT} §8.5`,
    'The dialog shows the host of the client, which is the only verified fact about it',
    async (exam) => {
      const client = await exam.registration.publish('/host.json');
      const { page } = await exam.flow.ask({ prompt: 'consent' }, { client });
      if (!exam.flow.formOf(page)) throw new NotTried(`no dialog is shown: ${describePage(page)}`);
      const { hostname } = new URL(client.client_id);
      return visible(page.text).includes(hostname) ? undefined : `it does not show ${hostname}`;
    },
    ['documents-security.1'],
  ),
];

/** The text of a page, without tags and attributes. */
const visible = (html: string): string => html.replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, ' ');

export const documents: readonly Check[] = [...contents, ...shown];
