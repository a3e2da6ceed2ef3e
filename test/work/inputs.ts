/** What strangers send, by size: one table, of which each line is measured. */
import Koa from 'koa';
import { type AuthorizationDetail, exchange, pushedRequests, type RedirectURI, requestObjects } from 'koauthorize';
import { bearer, introspectionVerifier, jwtVerifier } from 'koauthorize/resource-server';
import { errorPages } from '../../examples/full/pages/errors.js';
import { parseName } from '../../lib/certificate/distinguished-name.js';
import { lifetimeOf } from '../../lib/extension/client-id-metadata/caching.js';
import { clientURL } from '../../lib/extension/client-id-metadata/url.js';
import { CERTIFICATE_HEADER } from '../fuzz/clients.js';
import { type House, openHouse } from '../fuzz/house.js';
import { CHALLENGE } from '../fuzz/live.js';
import { authorizationServer, CLIENT } from '../support/authorization-server.js';
import { CONFIDENTIAL } from '../support/client-auth.js';
import { detailsServer } from '../support/details-server.js';
import { dpopServer } from '../support/dpop-server.js';
import { pushingServer } from '../support/pushing-server.js';
import { type Injected, inject } from './inject.js';
import { ofSources } from './migrate.js';
import { ofOpenID } from './openid.js';
import { ofRegistration } from './registration.js';

/** Does with an input of so many characters, or fields, what a server does with it. */
export type Work = (size: number) => Promise<unknown>;

export interface Input {
  readonly name: string;
  /** The larger of the two sizes that are compared; the other is a thirty-second. */
  readonly largest: number;
  readonly work: Work;
}

const BODY = 64 * 1024 - 512;
const HEADER = 64 * 1024;
const FIELDS = 1000;

const times = (text: string, size: number): string => text.repeat(Math.ceil(size / text.length)).slice(0, size);
/** So many different words. */
const words = (count: number, before = 'w'): string[] =>
  Array.from({ length: count }, (_, index) => `${before}${index}`);
const wordsOf = (size: number): string =>
  words(size / 7, 'a')
    .join(' ')
    .slice(0, size)
    .trim();
const nested = (size: number): string => '['.repeat(size / 2) + ']'.repeat(size / 2);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const part = (json: string): string => Buffer.from(json).toString('base64url');

/** Texts that are read as values of parameters and headers, by what may be hard about them. */
const TEXTS: Readonly<Record<string, (size: number) => string>> = {
  'one letter': (size) => times('a', size),
  'different words': wordsOf,
  'the same word': (size) => times('a ', size),
  spaces: (size) => times(' ', size),
  'percent signs': (size) => times('%', size),
  escapes: (size) => times('%41', size),
  'plus and equals': (size) => times('+=', size),
  'equals after letters': (size) => `${times('a', size / 2)}${times('=', size / 2)}!`,
  colons: (size) => times(':', size),
  'commas and semicolons': (size) => times(',;', size),
  dots: (size) => times('.', size),
  slashes: (size) => times('/', size),
  quotes: (size) => times('"\\', size),
  'signs of a URL': (size) => `https://${times('@:/?#[]', size)}`,
  brackets: nested,
};

const NAMES = {
  '/token': [
    ...['grant_type', 'client_id', 'client_secret', 'code', 'code_verifier', 'refresh_token', 'scope', 'username'],
    ...['password', 'redirect_uri', 'client_assertion', 'client_assertion_type', 'x'],
  ],
  '/authorize': [
    ...[
      'response_type',
      'client_id',
      'redirect_uri',
      'scope',
      'state',
      'response_mode',
      'code_challenge',
      'acr_values',
    ],
    ...['code_challenge_method', 'max_age', 'x'],
  ],
  '/introspect': ['token', 'token_type_hint'],
  '/revoke': ['token', 'token_type_hint'],
  '/decision': ['transaction_id', 'cancel', 'scope'],
  '/me/anywhere': ['access_token'],
} as const;

/** What else a request needs, so that the value is looked at and not only the lack of another. */
const REST: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/token': { grant_type: 'client_credentials', client_id: 'web', client_secret: 'x' },
  '/authorize': {
    response_type: 'code',
    client_id: 'web',
    redirect_uri: 'https://web.example/callback',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  },
  '/introspect': { client_id: 'api', client_secret: 'x' },
  '/revoke': { client_id: 'web', client_secret: 'x' },
};

const HEADERS: Readonly<Record<string, (text: string) => string>> = {
  Cookie: (text) => text,
  Accept: (text) => text,
  'Content-Type': (text) => text,
  'X-Forwarded-For': (text) => text,
  [CERTIFICATE_HEADER]: (text) => text,
  'Authorization: Basic, encoded': (text) => `Basic ${base64(`a:${text}`)}`,
  'Authorization: Basic, as it is': (text) => `Basic ${text}`,
  'Authorization: Bearer': (text) => `Bearer ${text}`,
  Authorization: (text) => text,
};

const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString();

function valuesIn(app: Koa): Input[] {
  return Object.entries(NAMES).flatMap(([path, names]) =>
    names.flatMap((name) =>
      Object.entries(TEXTS).map(([what, text]) => ({
        name: `POST ${path}, ${name}: ${what}`,
        largest: BODY / 3, // escapes take three bytes for one
        work: (size: number) => inject(app, { target: path, body: form({ ...REST[path], [name]: text(size) }) }),
      })),
    ),
  );
}

function headersIn(app: Koa): Input[] {
  return Object.entries(HEADERS).flatMap(([header, value]) =>
    Object.entries(TEXTS).map(([what, text]) => {
      const [name = ''] = header.split(':');
      const send = (size: number, more: Injected): Promise<number> =>
        inject(app, { ...more, headers: [[name, value(text(size))]] });
      return {
        name: `${header}: ${what}`,
        largest: HEADER,
        async work(size: number) {
          await send(size, { target: '/token', body: form({ client_id: 'tls', grant_type: 'client_credentials' }) });
          await send(size, { target: '/me/anywhere' });
          await send(size, { target: '/authorize?client_id=web' });
        },
      };
    }),
  );
}

/** Forms and queries of many fields: up to the limit, and far beyond. */
function fieldsIn(app: Koa, parser: string): Input[] {
  const manners: Readonly<Record<string, (count: number) => string>> = {
    'one name': (count) => times('a=b&', count * 4).slice(0, -1),
    'one name without value': (count) => times('a&', count * 2).slice(0, -1),
    'different names': (count) => words(count).join('=x&'),
    nothing: (count) => times('&', count),
    'names of arrays': (count) => times('a[]=b&', count * 6).slice(0, -1),
  };
  return Object.keys(NAMES).flatMap((path) =>
    Object.entries(manners).flatMap(([what, fields]) =>
      [FIELDS, 16_000].flatMap((largest) => [
        {
          name: `${parser}, POST ${path}, ${largest} fields: ${what}`,
          largest,
          work: (size: number) => inject(app, { target: path, body: fields(size) }),
        },
        {
          name: `${parser}, GET ${path}, ${largest} fields: ${what}`,
          largest,
          work: (size: number) => inject(app, { target: `${path}?${fields(size)}` }),
        },
      ]),
    ),
  );
}

function othersIn(app: Koa): Input[] {
  const post = (body: string, type: string): Promise<number> => inject(app, { target: '/token', body, type });
  const targets: Readonly<Record<string, (size: number) => string>> = {
    slashes: (size) => times('/', size),
    'a user and a host': (size) => `//${times('a@', size)}#`,
    escapes: (size) => `/${times('%41', size)}`,
    'absolute form': (size) => `http://${times('a.', size)}/token`,
    brackets: (size) => `http://[${times('::', size)}/`,
    'no scheme': (size) => times('x:', size),
  };
  return [
    { name: 'JSON, nested', largest: BODY, work: (size) => post(`{"a":${nested(size)}}`, 'application/json') },
    {
      name: 'JSON, an array',
      largest: BODY,
      work: (size) =>
        post(
          `{"a":[${words(size / 8)
            .map(Number)
            .join(',')}]}`,
          'application/json',
        ),
    },
    {
      name: 'JSON, members',
      largest: 5000,
      work: (size) =>
        post(JSON.stringify(Object.fromEntries(words(size).map((word) => [word, '']))), 'application/json'),
    },
    {
      name: 'Authorization, many',
      largest: 8000,
      work: (size) =>
        inject(app, { target: '/me', headers: words(size).map((word) => ['Authorization', word] as const) }),
    },
    {
      name: 'client_assertion, its claims nested',
      largest: BODY / 2,
      work: (size) =>
        post(
          form({
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: `${part('{"alg":"ES256"}')}.${part(`{"sub":"signer","aud":${nested(size / 2)}}`)}.x`,
            grant_type: 'x',
          }),
          'application/x-www-form-urlencoded',
        ),
    },
    {
      name: 'client_assertion, its audiences',
      largest: 12_000,
      work: (size) =>
        post(
          form({
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: `${part('{"alg":"ES256"}')}.${part(`{"sub":"signer","aud":${JSON.stringify(words(size / 10))}}`)}.x`,
            grant_type: 'x',
          }),
          'application/x-www-form-urlencoded',
        ),
    },
    ...Object.entries(targets).map(([what, target]) => ({
      name: `request target: ${what}`,
      largest: HEADER,
      work: (size: number) => inject(app, { target: target(size) }),
    })),
  ];
}

/** A scope of many words, of which each was granted, and is asked for again. */
function refreshing(): Input {
  let scope: string[] = [];
  const { app } = authorizationServer({
    session: false,
    plug: (server) =>
      server.exchange(
        exchange.refreshToken({
          redeem: () => ({
            clientID: CLIENT.client_id,
            redirectURI: CLIENT.redirect_uris[0] as RedirectURI,
            scope,
            request: { type: 'code', clientID: CLIENT.client_id },
          }),
          issue: () => ({ access_token: 'x' }),
        }),
      ),
  });
  const headers = [['Authorization', `Basic ${base64('client:client-secret')}`]] as const;
  return {
    name: 'refresh: the words of a scope',
    largest: 9000,
    async work(size) {
      scope = words(size);
      const asked = [...scope].reverse().join(' ');
      return inject(app, {
        target: '/token',
        headers,
        body: form({ grant_type: 'refresh_token', refresh_token: 'x', scope: asked }),
      });
    },
  };
}

/** What other servers answer an API, which asks them about a stranger's token. */
function answers(): Input[] {
  const apiOf = (text: string): Koa => {
    const verify = introspectionVerifier({
      endpoint: 'https://as.example/introspect',
      clientID: 'api',
      clientSecret: 'x',
      cache: 0,
      fetch: async () => new Response(text),
    });
    const app = new Koa().use(bearer({ verify }));
    app.silent = true;
    return app;
  };
  const asked = { headers: [['Authorization', 'Bearer token']] } as const;
  const answer = (name: string, text: (size: number) => string): Input => ({
    name: `introspection answers ${name}`,
    largest: BODY,
    work: (size) => inject(apiOf(text(size)), asked),
  });
  const verify = jwtVerifier({ issuer: 'https://as.example', audience: 'x', fetch: async () => new Response('{}') });
  return [
    answer('nested arrays', (size) => `{"active":true,"token_type":"Bearer","a":${nested(size)}}`),
    answer(
      'many audiences',
      (size) => `{"active":true,"token_type":"Bearer","aud":${JSON.stringify(words(size / 10))}}`,
    ),
    answer('a scope of many words', (size) => `{"active":true,"token_type":"Bearer","scope":"${wordsOf(size)}"}`),
    answer('many members', (size) =>
      JSON.stringify(Object.fromEntries([['active', true], ...words(size / 12).map((word) => [word, 1])])),
    ),
    {
      name: 'a JWT whose claims are nested',
      largest: BODY,
      work: async (size) =>
        verify(`${part('{"alg":"ES256","typ":"at+jwt"}')}.${part(`{"a":${nested(size)}}`)}.x`).catch(() => undefined),
    },
  ];
}

/** Error pages of the example ask what the browser would like. */
function accepting(): Input[] {
  const app = new Koa().use(errorPages('users'));
  return Object.entries(TEXTS).map(([what, text]) => ({
    name: `the example, Accept: ${what}`,
    largest: HEADER / 4,
    work: (size: number) => inject(app, { target: '/none', headers: [['Accept', text(size)]] }),
  }));
}

/** What a client registers, where anybody may. */
function registered(): Input[] {
  const names: Readonly<Record<string, (size: number) => string>> = {
    spaces: (size) => `CN=a${times(' ', size)}"`,
    escapes: (size) => `CN=${times('\\2c', size)}"`,
    attributes: (size) => times('CN=a,', size),
  };
  return Object.entries(names).map(([what, name]) => ({
    name: `a distinguished name: ${what}`,
    largest: 2000,
    work: async (size: number) => parseName(name(size)),
  }));
}

/** What the URL of a client and the headers of its document may be. */
function documents(): Input[] {
  const ages = { least: 60, most: 86_400, usual: 300 };
  return Object.entries(TEXTS).flatMap(([what, text]) => [
    {
      name: `Cache-Control of a document: ${what}`,
      largest: 16_000,
      work: async (size: number) => lifetimeOf(new Headers({ 'cache-control': text(size), age: text(size) }), ages),
    },
    {
      name: `the URL of a client: ${what}`,
      largest: 2000,
      work: async (size: number) => clientURL(`https://${text(size)}`),
    },
  ]);
}

/** A JWT that nobody has signed: what is hard about it stands in the claims, or in the header. */
const JWTS: Readonly<Record<string, (size: number, typ: string) => string>> = {
  'claims nested': (size, typ) => `${part(`{"alg":"ES256","typ":"${typ}"}`)}.${part(`{"iss":${nested(size / 2)}}`)}.x`,
  'header nested': (size, typ) => `${part(`{"alg":"ES256","typ":"${typ}","jwk":${nested(size / 2)}}`)}.${part('{}')}.x`,
  audiences: (size, typ) =>
    `${part(`{"alg":"ES256","typ":"${typ}"}`)}.${part(`{"aud":${JSON.stringify(words(size / 12))}}`)}.x`,
};

/** What is hard about JSON, and about the details that a client asks for. */
const DETAILS: Readonly<Record<string, (size: number) => string>> = {
  'nested arrays': (size) => `[{"type":"files","actions":${nested(size)}}]`,
  'nested objects': (size) => `[{"type":"files","actions":${times('{"a":', size)}`,
  'many fields': (size) =>
    JSON.stringify([{ type: 'files', ...Object.fromEntries(words(size / 10).map((word) => [word, 1])) }]),
  'one field many times': (size) => `[{"type":"files",${times('"a":1,', size - (size % 6))}"a":1}]`,
  'many elements': (size) => JSON.stringify(words(size / 20).map(() => ({ type: 'files' }))),
  'many actions': (size) => JSON.stringify([{ type: 'accounts', actions: words(size / 8) }]),
  'one long text': (size) => JSON.stringify([{ type: 'accounts', identifier: times('\\"', size / 4) }]),
  'a text that does not end': (size) => `[{"type":"${times('\\\\"a', size)}`,
  'spaces after texts': (size) => `[{"type"${times(' ', size)}:"accounts"}]`,
  'one long number': (size) => `[{"type":"accounts","identifier":${times('1', size)}}]`,
};

const accounts = (identifier: string, actions: readonly string[]) => ({ type: 'accounts', identifier, actions });

/** Details that were granted, and those that are asked for. */
const COMPARED: Readonly<Record<string, (size: number) => readonly [AuthorizationDetail[], AuthorizationDetail[]]>> = {
  'of which each is asked for again'(size) {
    const all = words(size).map((identifier) => accounts(identifier, words(20)));
    return [all, all.toReversed()];
  },
  'of which one is asked for in parts': (size) => [
    [accounts('one', words(size * 20))],
    words(size).map((action) => accounts('one', [action])),
  ],
  'equal ones, of which each is asked for but for one value': (size) => [
    words(size).map(() => accounts('one', words(20))),
    words(size).map((_, index) => accounts('one', words(20).toSpliced(index % 20, 1))),
  ],
};

function comparing(name: string, details: (typeof COMPARED)[string]): Input {
  let granted: AuthorizationDetail[] = [];
  const { app } = detailsServer({
    session: false,
    plug: (server) =>
      server.exchange(
        'urn:example:code',
        exchange.refreshToken({
          redeem: () => ({
            clientID: CLIENT.client_id,
            redirectURI: CLIENT.redirect_uris[0] as RedirectURI,
            scope: [],
            request: { type: 'code', clientID: CLIENT.client_id },
            authorizationDetails: granted,
          }),
          issue: () => ({ access_token: 'x' }),
        }),
      ),
  });
  app.silent = true;
  return {
    name: `refresh: the details that were granted, ${name}`,
    largest: 32,
    async work(size) {
      const [all, asked] = details(size);
      granted = all;
      return inject(app, {
        target: '/token',
        headers: [['Authorization', `Basic ${base64('client:client-secret')}`]],
        body: form({
          grant_type: 'urn:example:code',
          refresh_token: 'x',
          authorization_details: JSON.stringify(asked),
        }),
      });
    },
  };
}

function ofDetails(): Input[] {
  const { app } = detailsServer({ session: false });
  app.silent = true;
  const headers = [['Authorization', `Basic ${base64('client:client-secret')}`]] as const;
  return Object.entries({ ...TEXTS, ...DETAILS }).flatMap(([what, text]) => [
    {
      name: `POST /token, authorization_details: ${what}`,
      largest: 16_000,
      work: (size: number) =>
        inject(app, {
          target: '/token',
          headers,
          body: form({ grant_type: 'client_credentials', authorization_details: text(size) }),
        }),
    },
    {
      name: `POST /authorize, authorization_details: ${what}`,
      largest: 16_000,
      work: (size: number) =>
        inject(app, {
          target: '/authorize',
          body: form({
            ...REST['/authorize'],
            client_id: 'client',
            redirect_uri: '',
            authorization_details: text(size),
          }),
        }),
    },
  ]);
}

/** The request objects and pushed requests of authenticated clients, and the proofs of anybody. */
function ofExtensions(): Input[] {
  const { app: pushing } = pushingServer({ plugs: [requestObjects(), pushedRequests()] });
  const { app: proving } = dpopServer();
  for (const app of [pushing, proving]) app.silent = true;
  const { client_id, client_secret } = CONFIDENTIAL;
  const authorization = [['Authorization', `Basic ${base64(`${client_id}:${client_secret}`)}`]] as const;
  const values = { ...TEXTS, ...JWTS };
  const push = (fields: Readonly<Record<string, string>>): Promise<number> =>
    inject(pushing, { target: '/par', headers: authorization, body: form({ client_id, ...fields }) });
  const ofOthers = Object.entries(values).flatMap(([what, text]) => [
    {
      name: `POST /par, request: ${what}`,
      largest: BODY / 3,
      work: (size: number) => push({ request: text(size, 'oauth-authz-req+jwt') }),
    },
    {
      name: `POST /par, scope: ${what}`,
      largest: BODY / 3,
      work: (size: number) => push({ ...REST['/authorize'], client_id, scope: text(size, '') }),
    },
    {
      name: `GET /authorize, request: ${what}`,
      largest: BODY / 3,
      work: (size: number) =>
        inject(pushing, { target: `/authorize?${form({ client_id, request: text(size, 'oauth-authz-req+jwt') })}` }),
    },
    {
      name: `DPoP: ${what}`,
      largest: HEADER,
      work: (size: number) =>
        inject(proving, {
          target: '/token',
          headers: [
            ['DPoP', text(size, 'dpop+jwt')],
            ['Authorization', `Basic ${base64('service:secret')}`],
          ],
          body: form({ grant_type: 'client_credentials' }),
        }),
    },
  ]);
  return [...ofOthers, ...ofDetails(), ...Object.entries(COMPARED).map((each) => comparing(...each))];
}

/** The inputs, and how often callbacks were called so far. */
export async function inputs(): Promise<{ readonly all: readonly Input[]; calls(): number; close(): void }> {
  const houses: House[] = [];
  for (const name of ['no body parser', '@koa/bodyparser', 'JSON only']) houses.push(await openHouse(name));
  const [plain, parsed, json] = houses.map(({ app }) => app) as [Koa, Koa, Koa];
  for (const { app } of houses) app.silent = true;
  const all = [
    ...valuesIn(plain),
    ...headersIn(plain),
    ...fieldsIn(plain, 'no parser'),
    ...fieldsIn(parsed, '@koa/bodyparser'),
    ...othersIn(json),
    refreshing(),
    ...answers(),
    ...accepting(),
    ...registered(),
    ...documents(),
    ...ofExtensions(),
    ...(await ofOpenID(TEXTS, JWTS)),
    ...ofRegistration(),
    ...ofSources(),
  ];
  return {
    all,
    calls: () => houses.reduce((sum, { watch }) => sum + watch.calls, 0),
    close() {
      for (const house of houses) house.close();
    },
  };
}
