/**
 * The names of attributes, metrics and spans. Names with `http.` and `error.` are OpenTelemetry's; names with `oauth.` are defined here.
 *
 * @see OpenTelemetry Semantic Conventions for HTTP
 */

interface Attribute {
  readonly name: string;
  readonly on: 'spans' | 'spans and metrics';
  readonly meaning: string;
}

interface Metric {
  readonly name: string;
  readonly kind: 'histogram' | 'counter';
  readonly unit: string;
  readonly meaning: string;
  readonly attributes: readonly string[];
}

const attribute = <const N extends string>(name: N, on: Attribute['on'], meaning: string) => ({ name, on, meaning });

export const ATTRIBUTES = {
  method: attribute('http.request.method', 'spans and metrics', 'The method, or `_OTHER`.'),
  status: attribute('http.response.status_code', 'spans and metrics', 'The status of the answer.'),
  errorType: attribute(
    'error.type',
    'spans and metrics',
    'The error code that the client got; of what was thrown past the middleware, the status.',
  ),
  endpoint: attribute(
    'oauth.endpoint',
    'spans and metrics',
    'The endpoint, by the name of `createServer({ endpoints })`; `decision`, `resume`; `api` for an API.',
  ),
  grantType: attribute(
    'oauth.grant_type',
    'spans and metrics',
    'On metrics, one that has been answered with tokens before, or `_OTHER`: a stranger cannot make new ones.',
  ),
  responseType: attribute('oauth.response_type', 'spans', 'As it was sent.'),
  clientID: attribute(
    'oauth.client_id',
    'spans',
    'The client that the request names, authenticated or not. It is on no metric, since a stranger can name any number of clients.',
  ),
  traceID: attribute('oauth.refusal.id', 'spans', 'The trace ID that the refusal has everywhere else.'),
  rule: attribute('oauth.refusal.rule', 'spans and metrics', 'The rule by which the request was refused.'),
  section: attribute('oauth.refusal.section', 'spans', 'Where the rule stands.'),
  remedy: attribute('oauth.refusal.remedy', 'spans', 'What to do about it.'),
  event: attribute(
    'oauth.event',
    'spans and metrics',
    'An event of the token service: `issued`, `denied`, `replayDetected`, ...',
  ),
  kinds: attribute(
    'oauth.token.kinds',
    'spans and metrics',
    'What it is about: `code`, `access_token`, `refresh_token`, separated by spaces.',
  ),
  authorizationID: attribute(
    'oauth.authorization_id',
    'spans',
    'The authorization: the same for the code, its tokens and their refreshes. It connects the requests of one flow.',
  ),
} satisfies Readonly<Record<string, Attribute>>;

const { method, status, errorType, endpoint, grantType, rule, event, kinds } = ATTRIBUTES;

export const METRICS = {
  duration: {
    name: 'oauth.server.request.duration',
    kind: 'histogram',
    unit: 's',
    meaning: 'How long requests took.',
    attributes: [method.name, status.name, errorType.name, endpoint.name, grantType.name],
  },
  refusals: {
    name: 'oauth.server.refusals',
    kind: 'counter',
    unit: '{refusal}',
    meaning: 'Requests that were refused, or failed. The answer `authorization_pending` to polls is not counted.',
    attributes: [endpoint.name, rule.name, errorType.name],
  },
  events: {
    name: 'oauth.token.events',
    kind: 'counter',
    unit: '{event}',
    meaning: 'Events of the token service.',
    attributes: [event.name, kinds.name],
  },
} satisfies Readonly<Record<string, Metric>>;

/** Spans and their events. */
export const SPANS = [
  [
    'span',
    '`oauth <endpoint>`, or the method where the request reached no endpoint',
    'One request: of the kind SERVER where nothing before it has begun a span, else INTERNAL.',
  ],
  ['span event', '`oauth.refusal`', 'The request was refused.'],
  ['span event', '`oauth.token`', 'An event of the token service, on the span of the request that it belongs to.'],
] as const;
