/** Checks of how documents of clients are fetched. @see draft-ietf-oauth-client-id-metadata-document */
import { answerIn } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import { type Check, mcp, NotTried, server } from '../check.js';
import { DRAFT, isTaken, refuses, takesGood } from './taken-documents.js';

const REQUIREMENTS = mcp('Client ID Metadata Documents, Implementation Requirements');

export const fetchedDocuments: readonly Check[] = [
  server.must(
    'document-status',
    `${DRAFT} §5`,
    'An answer with another status than 200 is not accepted as a document',
    refuses('/status.json', {}, { status: 404 }),
    ['documents.1'],
  ),
  server.must(
    'document-redirect',
    `${DRAFT} §5`,
    'Redirects to a document are not followed',
    async (exam) => {
      const { client_id } = await exam.registration.publish('/behind.json');
      const headers = { location: client_id };
      return isTaken(exam, '/moved.json', { client_id }, { status: 302, headers });
    },
    ['documents.1'],
  ),
  server.must(
    'document-url',
    `${DRAFT} §3`,
    'A URL cannot identify a client if it is not https, or has a fragment, user information or dot segments',
    async (exam) => {
      await takesGood(exam);
      const good = await exam.registration.publish('/url.json');
      const url = new URL(good.client_id);
      const variants = [
        good.client_id.replace('https:', 'http:'),
        `${url.href}#x`,
        url.href.replace('https://', 'https://user@'),
        `${url.origin}/x/..${url.pathname}`,
      ];
      for (const client_id of variants) {
        const { page, answer } = await exam.flow.attempt({}, { ...good, client_id });
        if (exam.flow.formOf(page) || answerIn(answer).has('code')) return client_id;
      }
      return undefined;
    },
    ['documents.1'],
  ),
  server.must(
    'document-error-not-kept',
    `${DRAFT} §5.2`,
    'An error is not cached: once the document is there, its client is accepted',
    async (exam) => {
      await takesGood(exam);
      const path = `/late-${Date.now()}.json`;
      const client = await exam.registration.publish(
        path,
        {},
        { status: 404, headers: { 'cache-control': 'max-age=3600' } },
      );
      await exam.flow.attempt({}, client);
      await exam.registration.publish(path);
      const { answer } = await exam.flow.attempt({}, client);
      return answerIn(answer).has('code') ? undefined : describePage(answer);
    },
    ['documents.1'],
  ),
  server.should(
    'document-kept',
    REQUIREMENTS,
    'A document is cached for as long as its headers say',
    async (exam) => {
      await takesGood(exam);
      const { documents } = exam.target;
      if (!documents?.fetches) throw new NotTried('no `documents.fetches`');
      const path = `/kept-${Date.now()}.json`;
      const headers = { 'content-type': 'application/json', 'cache-control': 'max-age=3600' };
      const client = await exam.registration.publish(path, {}, { headers });
      await exam.flow.code({}, client);
      await exam.flow.code({}, client);
      const count = await documents.fetches(client.client_id);
      return count === 1 ? undefined : `it was fetched ${count} times for two requests`;
    },
    ['documents.1'],
  ),
];
