/** Fetches a document. @see draft-ietf-oauth-client-id-metadata-document §5, §8.6, §8.7 */
import { invalidMetadata } from '../../clients/invalid-metadata.js';
import { type Fetch, fetchText, TooLargeError } from '../../http/fetch-text.js';
import { unavailable } from './fault.js';

/** Draft §8.7: the recommended maximum. It is counted while the answer arrives. */
const MAX_BYTES = 5 * 1024;

/** Draft §4: JSON, or a more specific type of JSON. */
const JSON_TYPE = /^application\/(?:[\w!#$&^.+-]+\+)?json[ \t]*(?:;|$)/i;

export interface FetchedDocument {
  readonly text: string;
  readonly headers: Headers;
}

/**
 * @throws OAuth2Error 400 for an answer that is no document, whatever its reason; 503 where there is no complete answer, or one of a server that is in trouble
 */
export async function fetchDocument(
  clientID: string,
  limits: { readonly fetch: Fetch; readonly timeout: number },
): Promise<FetchedDocument> {
  const fetched = await fetchText(
    clientID,
    { headers: { accept: 'application/json' } },
    { ...limits, maxBytes: MAX_BYTES },
  ).catch((error: unknown) => {
    if (error instanceof TooLargeError) throw invalidMetadata(`The document is larger than ${MAX_BYTES} bytes`);
    throw unavailable(`There is no answer: ${error}`, clientID); // whoever asks is not told why: it could be an address that they look for
  });
  const { status, headers, text } = fetched;
  if (status >= 500 || status === 429) throw unavailable(`The answer has the status ${status}`, clientID);
  if (status !== 200) throw invalidMetadata(`The document has the status ${status}`); // draft §5: redirects too
  if (!JSON_TYPE.test(headers.get('content-type') ?? ''))
    throw invalidMetadata('The document has no Content-Type of JSON');
  return { text, headers };
}
