import type { Answers } from '../answers.js';
import { chainsOf, functionsOf } from '../chains.js';
import { type FurtherEndpoint, type Metadata, urlIn } from '../endpoints.js';
import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/** The statuses of a router without the route. A 405 is an answer of an endpoint. */
const ABSENT: ReadonlySet<number> = new Set([404, 501]);

/** Absent endpoints, of those whose answers other rules also examine. */
function announced(metadata: Metadata, answers: Answers): string[] {
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
}

/** Whether the application may have the route of an endpoint that is not announced, at any path. Routes of other routers than @koa/router cannot be seen. */
function mayStand({ app }: Evidence, { route }: FurtherEndpoint): boolean {
  if (route === undefined) return false;
  return !app || chainsOf(app).length === 0 || functionsOf(app).some((each) => Object(each).name === route);
}

/** Absent endpoints of extensions. */
function unmounted(evidence: Evidence, { further }: Answers): string[] {
  return further.flatMap((endpoint) => {
    const { name, url, answer } = endpoint;
    if (answer ? !ABSENT.has(answer.status) || mayStand(evidence, endpoint) : endpoint.route !== undefined) return [];
    return [`${name} is ${url}, which ${answer ? `answers ${answer.status}` : 'does not answer'}`];
  });
}

export const endpointMissing: DoctorRule = {
  name: 'endpointMissing',
  severity: 'error',
  finds: 'endpoints that are announced, or plugged in, and do not answer',
  looksAt: ['answers', 'server', 'app'],
  why: 'Clients call the URLs of the metadata, and get no answer',
  section: 'RFC 8414 §2',
  remedy:
    'Mount the route at the announced URL, or announce where it is: createServer({ endpoints }), prefix, or the url of the extension',
  examine(evidence) {
    const { answers, metadata } = evidence;
    if (!answers || (!metadata && answers.further.length === 0)) return undefined;
    return [...(metadata ? announced(metadata, answers) : []), ...unmounted(evidence, answers)];
  },
};
