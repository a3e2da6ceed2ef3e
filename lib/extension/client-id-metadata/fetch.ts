/** Fetches a document. @see draft-ietf-oauth-client-id-metadata-document §5, §8.6, §8.7 */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { type Fetch, fetchText, TooLargeError } from '../../http/fetch-text.js';
import { unavailable } from './fault.js';

/** Draft §8.7: the recommended maximum. Bytes are counted while they arrive, so that a larger answer is not read to its end. */
const MAX_BYTES = 5 * 1024;

/** Draft §4: JSON, or a more specific type of JSON. */
const JSON_TYPE = /^application\/(?:[\w!#$&^.+-]+\+)?json[ \t]*(?:;|$)/i;

/** Statuses below 500 of a host that may answer otherwise a moment later. RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4 */
const TEMPORARY: ReadonlySet<number> = new Set([408, 425, 429]);

/** Statuses by which the host says that there is no document: the client is withdrawn. RFC 9110 §15.5.5, §15.5.11 */
const GONE: ReadonlySet<number> = new Set([404, 410]);

/**
 * Whether a status says nothing about the document. For a client that was accepted before, this is any status that neither has a document nor says that there
 * is none: a firewall of the host may refuse this server by 403. A redirect (draft §5: MUST NOT be followed) is an answer: the host of a project that was ended
 * mostly redirects its old URLs to another page. A new client is told the status.
 */
function isUnknown(status: number, wasAccepted: boolean): boolean {
  if (status >= 500 || TEMPORARY.has(status)) return true;
  return wasAccepted && status >= 400 && !GONE.has(status);
}

export interface FetchedDocument {
  readonly text: string;
  readonly headers: Headers;
}

/**
 * @param wasAccepted whether the client was accepted before
 * @throws OAuth2Error 400 if the answer is no valid document, or says that there is none; 503 if there is no complete answer, or none that says anything about
 * the document
 */
export async function fetchDocument(
  clientID: string,
  { wasAccepted, ...limits }: { readonly fetch: Fetch; readonly timeout: number; readonly wasAccepted: boolean },
): Promise<FetchedDocument> {
  const fetched = await fetchText(
    clientID,
    { headers: { accept: 'application/json' } },
    { ...limits, maxBytes: MAX_BYTES },
  ).catch((error: unknown) => {
    if (error instanceof TooLargeError) throw invalidMetadata(`The document is larger than ${MAX_BYTES} bytes`);
    // the reason is for the operator alone: a stranger could use it to explore the network of this server
    throw unavailable(`There is no answer: ${error}`, clientID);
  });
  const { status, headers, text } = fetched;
  if (isUnknown(status, wasAccepted)) throw unavailable(`The answer has the status ${status}`, clientID);
  if (status !== 200) throw invalidMetadata(`The document has the status ${status}`); // draft §5: redirects too
  if (!JSON_TYPE.test(headers.get('content-type') ?? ''))
    throw invalidMetadata('The document has no Content-Type of JSON');
  return { text, headers };
}
