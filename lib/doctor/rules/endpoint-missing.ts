import { urlIn } from '../endpoints.js';
import type { DoctorRule } from '../rule.js';

/** The statuses of a router without the route. A 405 is an answer of an endpoint. */
const ABSENT: ReadonlySet<number> = new Set([404, 501]);

export const endpointMissing: DoctorRule = {
  name: 'endpointMissing',
  severity: 'error',
  finds: 'endpoints that are announced and do not answer',
  looksAt: ['answers'],
  why: 'Clients call the URLs of the metadata, and get no answer',
  section: 'RFC 8414 §2',
  remedy:
    'Mount the route at the announced URL, or announce where it is: createServer({ endpoints }), prefix, or the url of the extension',
  examine({ answers, metadata }) {
    if (!answers || !metadata) return undefined;
    const asked = [
      ['authorization_endpoint', answers.authorization],
      ['token_endpoint', answers.token],
      ['introspection_endpoint', answers.introspection[0]],
      ['revocation_endpoint', answers.revocation],
      ['jwks_uri', answers.jwks],
    ] as const;
    return asked.flatMap(([name, answer]) => {
      const url = urlIn(metadata, name);
      if (url === undefined || (answer && !ABSENT.has(answer.status))) return [];
      return [`${name} is ${url}, which ${answer ? `answers ${answer.status}` : 'does not answer'}`];
    });
  },
};
