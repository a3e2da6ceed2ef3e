/** Spans, metrics and logs by OpenTelemetry, with its own SDK; and that none of them has a secret. */
import assert from 'node:assert/strict';
import * as api from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import Koa from 'koa';
import { createServer, OAuth2Error } from 'koauthorize';
import { openTelemetry } from 'koauthorize/opentelemetry';
import request from 'supertest';
import { ATTRIBUTES, METRICS } from '../../lib/extension/opentelemetry/names.js';
import { inForm } from '../support/assertions.js';
import { CALLBACK } from '../support/authorization-server.js';
import { clientKey } from '../support/dpop.js';
import { signer as newSigner } from '../support/request-object.js';
import { SECRET, type Traced, tracedServer, watchDebug } from '../support/traced-server.js';
import { FLOWS, FlowClient } from './flows.js';

const spans = new InMemorySpanExporter();
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 1e9 });

/** What was told of a span: all but numbers of the SDK. */
const plain = ({ name, kind, attributes, events, status }: ReadableSpan) => ({
  name,
  kind,
  attributes,
  events,
  status,
});

async function measured() {
  metrics.reset();
  await reader.forceFlush();
  return metrics.getMetrics().flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.map(({ descriptor, dataPoints }) => ({
        ...{ name: descriptor.name, unit: descriptor.unit },
        points: dataPoints.map(({ attributes, value }) => ({ attributes, value })),
      })),
    ),
  );
}

describe('OpenTelemetry', function () {
  this.timeout(60_000);
  let traced: Traced;
  let client: FlowClient;

  before(async () => {
    api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    api.trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
    api.metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    const signer = await newSigner();
    traced = await tracedServer(api, signer);
    client = new FlowClient(traced, signer, await clientKey());
  });

  after(async () => {
    await reader.shutdown();
    api.trace.disable();
    api.metrics.disable();
    api.context.disable();
  });

  beforeEach(() => spans.reset());

  const last = (): ReadableSpan => {
    const span = spans.getFinishedSpans().at(-1);
    assert.ok(span, 'there is a span');
    return span;
  };

  it('keeps no more than 300 characters of a value that a stranger chose, refused or not', async () => {
    const app = new Koa();
    app.use(openTelemetry({ api })).use(createServer({ issuer: 'https://as.example' }).errorHandler());
    app.use((ctx) => {
      if (ctx.path === '/refused') throw new OAuth2Error('No', 'access_denied');
    });
    const long = 'x'.repeat(5000);
    for (const path of ['/refused', '/taken']) {
      await request(app.callback()).get(path).query({ client_id: long, response_type: long });
      for (const name of [ATTRIBUTES.clientID.name, ATTRIBUTES.responseType.name])
        assert.equal(last().attributes[name], 'x'.repeat(300), `${name} of ${path}`);
    }
  });

  describe('tells no secret', () => {
    for (const { title, statuses, run } of FLOWS) {
      it(title, async () => {
        const { watch } = traced;
        const stop = watchDebug(watch);
        const begun = client.statuses.length;
        try {
          await run(client);
        } finally {
          stop();
        }
        assert.deepEqual(client.statuses.slice(begun), statuses);
        for (const span of spans.getFinishedSpans()) watch.tell('a span', plain(span));
        for (const metric of await measured()) watch.tell('a metric', metric);
        assert.ok(watch.told.some(([where]) => where === 'debug'));
        assert.deepEqual(watch.leaks(), []);
      });
    }

    it('of any kind in spans, metrics, logs, events, errors and pages, and each of these has content', () => {
      const { secrets, told } = traced.watch;
      const names = new Set(secrets.values());
      for (const name of ['code', 'access_token', 'refresh_token', 'id_token', 'code_verifier', 'password', 'DPoP'])
        assert.ok(names.has(name), name);
      for (const name of [
        'client_secret',
        'client_assertion',
        'assertion',
        'device_code',
        'auth_req_id',
        'Authorization',
      ])
        assert.ok(names.has(name), name);
      for (const name of ['registration_access_token', 'subject_token', 'transaction_id', 'request', 'token'])
        assert.ok(names.has(name), name);
      assert.ok(secrets.has(SECRET) && secrets.size > 80, `${secrets.size}`);
      const places = new Set(told.map(([where]) => where));
      for (const where of [
        'a span',
        'a metric',
        'debug',
        'error',
        'the answer',
        'the event refusal',
        'the event denied',
      ])
        assert.ok(places.has(where), where);
    });

    it('and would be caught if it did, wherever it is told', () => {
      const { watch } = traced;
      const [secret = ''] = watch.secrets.keys();
      const count = watch.told.length;
      watch.tellError(
        new Error('x', { cause: new Error('y', { cause: Object.assign(new Error('z'), { body: { secret } }) }) }),
      );
      watch.tell('a span', { attributes: { leak: `with ${secret} in it` } });
      assert.equal(watch.leaks().length, 2);
      watch.told.splice(count);
    });
  });

  describe('escapes characters of a request that control a terminal, are invisible, or begin a line', () => {
    const HOSTILE = 'x\u001b[2J\u009b31m\u202e\u2028\nforged: ';
    const UNSEEN = /(?!\n)[\p{C}\p{Zl}\p{Zp}]|^forged/mu;
    const broken = `${Buffer.from(`{"alg": ${HOSTILE}`).toString('base64url')}.e30.e30`;
    const written = (header: object, claims: object) =>
      [header, claims, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const jwtGrant = (assertion: string) => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion,
    });
    const nobody = { Authorization: undefined };
    const ask = (query: object) => {
      const asked = { response_type: 'code', client_id: 'web', redirect_uri: CALLBACK, scope: 'openid', ...query };
      return client.get(`/authorize?${new URLSearchParams(asked)}`, { 'X-User': 'alice' });
    };
    const requests: Readonly<Record<string, () => Promise<unknown>>> = {
      client_id: () => client.post('/token', { client_id: HOSTILE }, nobody),
      grant_type: () => client.post('/token', { grant_type: HOSTILE }),
      'the name of a parameter': () => client.post('/token', { grant_type: 'password', [HOSTILE]: '\0' }),
      client_assertion: () => client.post('/token', inForm(broken), nobody),
      'client_assertion, its members': () =>
        client.post('/token', inForm(written({ alg: HOSTILE, kid: HOSTILE }, { sub: HOSTILE })), nobody),
      assertion: () => client.post('/token', jwtGrant(broken)),
      'assertion, its members': () =>
        client.post('/token', jwtGrant(written({ alg: HOSTILE, kid: HOSTILE }, { iss: HOSTILE }))),
      'DPoP proof': () => client.post('/token', { grant_type: 'client_credentials' }, { DPoP: broken }),
      'DPoP proof, its members': () =>
        client.post('/token', { grant_type: 'client_credentials' }, { DPoP: written({ typ: HOSTILE }, {}) }),
      'access token': () => client.get('/api', { Authorization: `Bearer ${written({ alg: HOSTILE }, {})}` }),
      response_type: () => ask({ response_type: HOSTILE }),
      redirect_uri: () => ask({ redirect_uri: HOSTILE }),
      state: () => ask({ state: HOSTILE }),
      scope: () => ask({ scope: HOSTILE }),
      prompt: () => ask({ prompt: '\u202e\u2028' }),
      code_challenge_method: () => ask({ code_challenge: 'x'.repeat(43), code_challenge_method: '\u202e\u2028' }),
      claims: () => ask({ claims: `{"x": ${HOSTILE}` }),
      request: () => ask({ request: broken }),
      'metadata of a client': () => client.json('/register', { [HOSTILE]: HOSTILE, redirect_uris: [HOSTILE] }),
    };
    for (const [what, send] of Object.entries(requests))
      it(what, async () => {
        const { watch, refusals } = traced;
        const [stop, begun, count] = [watchDebug(watch), watch.told.length, refusals.length];
        await send().finally(stop);
        assert.equal(refusals.length, count + 1);
        for (const span of spans.getFinishedSpans()) watch.tell('a span', plain(span));
        for (const metric of await measured()) watch.tell('a metric', metric);
        for (const [where, text] of watch.told.splice(begun)) assert.doesNotMatch(text, UNSEEN, where);
      });
  });

  it('a refusal is one trace: span, metric, event and answer have the same ID, rule and section', async () => {
    const { refusals } = traced;
    await client.redeem('a-guess-of-somebody');
    const refusal = refusals.at(-1);
    const { name, kind, attributes, events, status } = last();
    assert.deepEqual([name, kind, status.code], ['oauth token', api.SpanKind.SERVER, api.SpanStatusCode.UNSET]);
    assert.deepEqual(attributes, {
      'http.request.method': 'POST',
      'http.response.status_code': 400,
      'oauth.endpoint': 'token',
      'error.type': 'invalid_grant',
      'oauth.client_id': 'web',
      'oauth.grant_type': 'authorization_code',
      'oauth.refusal.id': refusal?.traceID,
      'oauth.refusal.rule': 'code-invalid',
    });
    assert.deepEqual(
      events.map(({ name, attributes }) => [
        name,
        attributes?.['oauth.event'] ?? attributes?.['oauth.refusal.section'],
      ]),
      [
        ['oauth.token', 'denied'],
        ['oauth.refusal', 'RFC 6749 §4.1.2, §4.1.3'],
      ],
    );
    const counted = (await measured()).find(({ name }) => name === METRICS.refusals.name);
    const point = counted?.points.find(({ attributes }) => attributes['oauth.refusal.rule'] === 'code-invalid');
    assert.ok(Number(point?.value) >= 1);
  });

  it('a poll while the user decides is in its span, and is not counted as a refusal; one that comes too early is counted', async () => {
    const { device_code } = await client.post('/device_authorization', { scope: 'read' });
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
    assert.equal((await client.post('/token', { grant_type, device_code }))['error'], 'authorization_pending');
    assert.equal(last().attributes['error.type'], 'authorization_pending');
    assert.equal(last().attributes['oauth.refusal.rule'], 'poll-pending');
    assert.equal((await client.post('/token', { grant_type, device_code }))['error'], 'slow_down');
    const counted = (await measured()).find(({ name }) => name === METRICS.refusals.name);
    const rules = counted?.points.map(({ attributes }) => attributes['oauth.refusal.rule']);
    assert.equal(rules?.includes('poll-pending'), false);
    assert.ok(rules?.includes('poll-too-early'));
  });

  it('the requests of one flow have the same authorization', async () => {
    await client.connect();
    const ids = spans.getFinishedSpans().map(({ attributes }) => attributes['oauth.authorization_id']);
    assert.equal(ids.length, 3);
    assert.equal(ids[0], undefined); // nothing is allowed yet
    assert.ok(ids[1]);
    assert.equal(ids[1], ids[2]);
  });

  it('the log lines of a request belong to its span', async () => {
    const { watch } = traced;
    await client.get('/api');
    const line = watch.told.filter(([where]) => where === 'the event refusal').at(-1)?.[1] ?? '{}';
    const { traceId, spanId } = last().spanContext();
    const { trace_id, span_id, trace_flags } = JSON.parse(line);
    assert.deepEqual([trace_id, span_id, trace_flags], [traceId, spanId, '01']);
    assert.deepEqual(traced.telemetry.logFields(), {});
  });

  it('is INTERNAL below a span that is there, and believes no header by itself', async () => {
    const parent = '0af7651916cd43dd8448eb211c80319c';
    await request(traced.app.callback()).get('/api').set('traceparent', `00-${parent}-b7ad6b7169203331-01`);
    assert.notEqual(last().spanContext().traceId, parent);
    assert.equal(last().kind, api.SpanKind.SERVER);
    const outer = api.trace.getTracer('test').startSpan('outer');
    const telemetry = openTelemetry({ api });
    const app = new Koa();
    app.use((_ctx, next) => api.context.with(api.trace.setSpan(api.context.active(), outer), next)).use(telemetry);
    await request(app.callback()).get('/');
    assert.equal(last().kind, api.SpanKind.INTERNAL);
    assert.equal(last().spanContext().traceId, outer.spanContext().traceId);
  });

  it('of what is thrown past it tells the status, and neither message nor stack', async () => {
    const app = new Koa();
    app.silent = true;
    app.on('error', () => {});
    app.use(openTelemetry({ api })).use(() => {
      throw new Error('the password of the database');
    });
    await request(app.callback()).get('/').expect(500);
    assert.deepEqual([last().name, last().status.code], ['GET', api.SpanStatusCode.ERROR]);
    assert.equal(last().attributes['error.type'], '500');
    assert.equal(JSON.stringify(plain(last())).includes('password'), false);
  });

  it('requests of strangers add no new metric values for clients, grant types and methods', async () => {
    const basic = `Basic ${Buffer.from('stranger-41:x').toString('base64')}`;
    await client.post('/token', { grant_type: 'grant-type-41' }, { Authorization: basic });
    await client.post('/token', { grant_type: 'grant-type-41' });
    await request(traced.app.callback()).propfind('/token');
    const text = JSON.stringify(await measured());
    for (const word of ['stranger-41', 'grant-type-41', 'PROPFIND']) assert.equal(text.includes(word), false, word);
    assert.match(text, /"oauth.grant_type":"_OTHER"/);
    assert.match(text, /"oauth.grant_type":"authorization_code"/);
  });

  it('has only attributes and metrics that are documented, each of the kind that it is', async () => {
    const known = new Map(Object.values(ATTRIBUTES).map(({ name, on }) => [name as string, on as string]));
    await client.connect();
    await client.authorize({ redirect_uri: 'https://evil.example/' });
    for (const span of spans.getFinishedSpans())
      for (const name of [span, ...span.events].flatMap(({ attributes = {} }) => Object.keys(attributes)))
        assert.ok(known.has(name), name);
    const documented = new Map(Object.values(METRICS).map(({ name, ...more }) => [name as string, more]));
    const all = await measured();
    assert.deepEqual(all.map(({ name }) => name).sort(), [...documented.keys()].sort());
    for (const { name, unit, points } of all) {
      assert.equal(unit, documented.get(name)?.unit);
      const names = new Set(points.flatMap(({ attributes }) => Object.keys(attributes)));
      assert.deepEqual([...names].sort(), [...(documented.get(name)?.attributes ?? [])].sort(), name);
      for (const each of names) assert.equal(known.get(each), 'spans and metrics', each);
    }
  });

  it('needs the module, and refuses unknown options', () => {
    assert.throws(() => openTelemetry({} as never), /import \* as api/);
    assert.throws(() => openTelemetry({ api, token: 1 } as never), /token/);
  });

  it('changes no answer where no SDK is there', async () => {
    const none = { ...api, trace: { ...api.trace, getTracer: () => new api.ProxyTracerProvider().getTracer('x') } };
    const server = createServer();
    const app = new Koa();
    app.use(openTelemetry({ api: none as never })).use(server.errorHandler());
    app.use(() => {
      throw new OAuth2Error('No', 'invalid_request', undefined, 400);
    });
    app.silent = true;
    await request(app.callback()).get('/').expect(400, { error: 'invalid_request', error_description: 'No' });
  });
});
