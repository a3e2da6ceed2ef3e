/** OpenID Connect Core §8.1: clients that write their own registration, and would know the users of others by it, over HTTP. */
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import {
  type ClientIDMetadataOptions,
  type ClientMetadata,
  type ClientRegistrationOptions,
  clientIDMetadata,
  type DocumentedClient,
  deviceAuthorization,
  jwks,
  openid,
  type Plug,
  type Refusal,
  type RegisteredClient,
} from 'koauthorize';
import { clientSecretBasic, none, privateKeyJwt } from 'koauthorize/client-auth';
import type { KeySet } from 'koauthorize/tokens';
import { NOW } from '../../support/assertions.js';
import { type User, VERIFIER } from '../../support/authorization-server.js';
import type { Registered } from '../../support/client-auth.js';
import { type DocumentHost, documentHost } from '../../support/document-host.js';
import { documentServer } from '../../support/document-server.js';
import { rsaKeys } from '../../support/openid-server.js';
import { type Information, registrationServer } from '../../support/registration-server.js';

const SECRET = 'a secret of the application, for subjects';
const EVIL = 'https://evil.example/callback';
const VICTIM = 'https://victim.example/callback';
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';

const SECTOR = 'https://victim.example/sector.json';
const KEYS_AT = 'https://victim.example/jwks.json';

const pairwise = (redirect: string | readonly string[], more: object = {}) => ({
  redirect_uris: [redirect].flat(),
  subject_type: 'pairwise',
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
  ...more,
});

interface Tokens {
  readonly id_token: string;
  readonly refresh_token: string;
}

let keys: KeySet;
before(async () => {
  keys = await rsaKeys();
});

/** What the sectors list at their URIs. */
type Lists = Readonly<Record<string, readonly string[]>>;

const fetching = (lists: Lists) => async (url: string) => {
  const list = lists[url];
  return list ? Response.json(list) : new Response('', { status: 404 });
};

const openidOf = <C>(lists: Lists = {}): Plug<C, User> =>
  openid<C, User>({ pairwise: SECRET, fetch: fetching(lists), findUser: (id) => ({ id, name: id }) });

function serving(
  lists: Lists = {},
  registration: Partial<ClientRegistrationOptions> = {},
  more: readonly Plug<RegisteredClient, User>[] = [],
) {
  const made = registrationServer({
    registration,
    options: { keys, authenticationEvent: () => ({ authenticatedAt: 1_767_225_600 }) },
    plugs: [jwks(keys), openidOf<RegisteredClient>(lists), deviceAuthorization<RegisteredClient, User>(), ...more],
    methods: [clientSecretBasic(), privateKeyJwt({ now: () => NOW }), none()],
  });
  const reasons: unknown[] = [];
  made.app.on('refusal', ({ rule, reason }: Refusal) => reasons.push({ rule, reason }));
  /** Alice logs in at a client. */
  const login = async (client: Information): Promise<Tokens> => {
    const { code } = await made.codeFor(client.client_id, { scope: 'openid' });
    const params = { grant_type: 'authorization_code', code, code_verifier: VERIFIER };
    return (await made.post('/token', params, client).expect(200)).body;
  };
  const refresh = async (client: Information, { refresh_token }: Tokens): Promise<Tokens> =>
    (await made.post('/token', { grant_type: 'refresh_token', refresh_token }, client).expect(200)).body;
  /** A client that changes its registration after a login: what it is told, and the `sub` that it has of Alice before and after. */
  const change = async (first: object, second: object) => {
    const client = await made.registered(first);
    const tokens = await login(client);
    const { status, body } = await made.manage('put', client, { client_id: client.client_id, ...second });
    const later = await refresh(client, tokens);
    return { status, body, subs: [tokens, later].map(({ id_token }) => decodeJwt(id_token).sub) };
  };
  return { ...made, reasons, login, change };
}

describe('OpenID Connect Registration §5: the documents of sectors', () => {
  it('no more than 30 are fetched from one host in a minute: whoever registers cannot have the server flood it', async () => {
    const { register, clock } = serving({ [SECTOR]: [VICTIM] });
    clock.now = Math.ceil(clock.now / 60) * 60;
    const sent = pairwise(VICTIM, { sector_identifier_uri: SECTOR });
    for (let count = 0; count < 30; count++) await register(sent).expect(201);
    const { status, body, headers } = await register(sent);
    assert.deepEqual([status, body.error, headers['retry-after']], [503, 'temporarily_unavailable', '60']);
    await register(pairwise(EVIL)).expect(201);
    clock.now += 60;
    await register(sent).expect(201);
  });

  for (const uri of ['http://victim.example/sector.json', 'ftp://victim.example/sector.json'])
    it(`a registration that is refused before a fetch does not count: ${uri}`, async () => {
      const { register } = serving({ [SECTOR]: [VICTIM] });
      for (let count = 0; count < 30; count++)
        await register(pairwise(VICTIM, { sector_identifier_uri: uri })).expect(400);
      await register(pairwise(VICTIM, { sector_identifier_uri: SECTOR })).expect(201);
    });

  it('a dot at the end of the host does not allow 30 more fetches', async () => {
    const dotted = 'https://victim.example./sector.json';
    const { register, clock } = serving({ [SECTOR]: [VICTIM], [dotted]: [VICTIM] });
    clock.now = Math.ceil(clock.now / 60) * 60;
    for (let count = 0; count < 30; count++)
      await register(pairwise(VICTIM, { sector_identifier_uri: SECTOR })).expect(201);
    await register(pairwise(VICTIM, { sector_identifier_uri: dotted })).expect(503);
  });

  it('documents of strangers do not use up the fetches of clients with an initial access token', async () => {
    const members = pairwise(VICTIM, { sector_identifier_uri: SECTOR });
    const document = async (url: string) => Response.json({ ...members, client_id: url, client_name: 'A client' });
    const documents = clientIDMetadata<RegisteredClient, User>({ fetch: document, perHostAndMinute: 100 });
    const { register, codeFor, http } = serving({ [SECTOR]: [VICTIM] }, { initialAccess: () => true }, [documents]);
    for (let count = 0; count < 30; count++) await codeFor(`https://victim.example/${count}.json`);
    const query = { response_type: 'code', client_id: 'https://victim.example/one-more.json' };
    await http().get('/authorize').query(query).expect(503);
    await register(members, 'a-token').expect(201);
  });
});

describe('OpenID Connect Core §8.1, RFC 7592 §2.2: a client that changes its registration keeps its subjects', () => {
  const lists = {
    [SECTOR]: [VICTIM, EVIL],
    'https://evil.example/sector.json': [EVIL, 'https://other.example/callback'],
    'https://evil.example/more.json': [EVIL, 'https://other.example/callback'],
  };
  const sectorURI = (uri: string) => ({ sector_identifier_uri: uri });
  const ofEvil = sectorURI('https://evil.example/sector.json');

  const moved: readonly [what: string, first: object, second: object][] = [
    ['its redirect URIs are at another host', pairwise(EVIL), pairwise(VICTIM)],
    ['its sector_identifier_uri is at another host', pairwise(EVIL, ofEvil), pairwise(EVIL, sectorURI(SECTOR))],
    ['it names a sector_identifier_uri at another host', pairwise(EVIL), pairwise(EVIL, sectorURI(SECTOR))],
    ['its sector_identifier_uri is gone', pairwise('https://other.example/callback', ofEvil), pairwise(VICTIM)],
    ['it is pairwise, and was public', { ...pairwise(EVIL), subject_type: 'public' }, pairwise(VICTIM)],
    ['it is pairwise, and was public by default', { ...pairwise(EVIL), subject_type: undefined }, pairwise(EVIL)],
    ['it is public, and was pairwise', pairwise(EVIL), { ...pairwise(EVIL), subject_type: 'public' }],
    ['it is public by default, and was pairwise', pairwise(EVIL), { ...pairwise(EVIL), subject_type: undefined }],
  ];
  for (const [what, first, second] of moved)
    it(`refused: ${what}`, async () => {
      const { change, reasons } = serving(lists);
      const { status, body, subs } = await change(first, second);
      assert.deepEqual([status, body.error], [400, 'invalid_client_metadata']);
      assert.match(body.error_description, /subject_type and sector .* cannot change/);
      assert.equal(subs[1], subs[0]);
      assert.match(JSON.stringify(reasons), /evil\.example|public/);
    });

  const stays: readonly [what: string, first: object, second: object][] = [
    ['other redirect URIs at its host', pairwise(EVIL), pairwise('https://evil.example:8443/other')],
    ['a sector_identifier_uri at its host', pairwise(EVIL), pairwise(EVIL, ofEvil)],
    [
      'another one at the same host, and other redirect URIs that it lists',
      pairwise(EVIL, ofEvil),
      pairwise('https://other.example/callback', sectorURI('https://evil.example/more.json')),
    ],
    [
      'public redirect URIs anywhere',
      { ...pairwise(EVIL), subject_type: 'public' },
      { ...pairwise(VICTIM), subject_type: undefined },
    ],
  ];
  for (const [what, first, second] of stays)
    it(`200, and the same sub: ${what}`, async () => {
      const { status, body, subs } = await serving(lists).change(first, second);
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(subs[1], subs[0]);
    });

  it('what review of the application makes of it is what counts', async () => {
    const review = (metadata: ClientMetadata) => ({ ...metadata, subject_type: 'pairwise' });
    const { change } = serving({}, { review });
    const sent = (uri: string) => ({ ...pairwise(uri), subject_type: undefined });
    const { status, subs } = await change(sent(EVIL), sent(VICTIM));
    assert.equal(status, 400);
    assert.equal(subs[1], subs[0]);
    assert.equal((await change(sent(EVIL), sent(EVIL))).status, 200);
  });
});

describe('OpenID Connect Core §8.1, CIBA §4: a redirect URI proves no sector to who needs no redirect', () => {
  const keyed = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: KEYS_AT, sector_identifier_uri: SECTOR };
  const device = (more: object = {}) => pairwise([], { grant_types: [DEVICE], response_types: [], ...more });
  const both = { grant_types: ['authorization_code', 'refresh_token', DEVICE] };

  const refused: readonly [what: string, sent: object, listed?: readonly string[]][] = [
    ['a device with the redirect URIs of others', device({ redirect_uris: [VICTIM] })],
    ['a device beside the browser', pairwise(VICTIM, both)],
    ['a sector_identifier_uri that lists no keys of its own', device({ sector_identifier_uri: SECTOR })],
    ['the redirect URIs that the sector lists', pairwise(VICTIM, { ...both, sector_identifier_uri: SECTOR })],
    ['keys of others that it need not prove', device({ ...keyed, token_endpoint_auth_method: 'none' })],
    ['keys of others, by a secret', device({ ...keyed, token_endpoint_auth_method: 'client_secret_basic' })],
    ['keys that no sector can list', device({ ...keyed, jwks_uri: undefined, jwks: { keys: [] } })],
    ['keys that the sector does not list', device(keyed), [VICTIM]],
    ['keys that the sector does not list, beside the browser', pairwise(VICTIM, { ...keyed, ...both }), [VICTIM]],
    ['keys without a sector', device({ ...keyed, redirect_uris: [VICTIM], sector_identifier_uri: undefined })],
  ];
  for (const [what, sent, listed = [VICTIM, KEYS_AT]] of refused)
    it(`refused: ${what}`, async () => {
      const { register } = serving({ [SECTOR]: listed });
      const { status, body } = await register(sent);
      assert.deepEqual([status, body.error], [400, 'invalid_client_metadata'], JSON.stringify(body));
    });

  it('keys that the sector lists, and that the client has to show, prove it', async () => {
    const { registered } = serving({ [SECTOR]: [VICTIM, KEYS_AT] });
    await registered(device(keyed));
    await registered(pairwise(VICTIM, { ...keyed, ...both }));
  });

  it('public clients, and those of the browser alone, need nothing of it', async () => {
    const { registered } = serving({ [SECTOR]: [VICTIM] });
    await registered({ ...device(), subject_type: 'public' });
    await registered(pairwise(VICTIM));
    await registered(pairwise(VICTIM, { sector_identifier_uri: SECTOR }));
    await registered(pairwise(VICTIM, keyed)); // the sector lists its redirect URI, and not its keys
  });

  it('a client cannot get the grant of devices later', async () => {
    const { change } = serving();
    const { status, body } = await change(pairwise(EVIL), pairwise(EVIL, both));
    assert.deepEqual([status, body.error], [400, 'invalid_client_metadata']);
    assert.match(body.error_description, /sector_identifier_uri/);
  });

  it('nor where review of the application makes it pairwise', async () => {
    const review = (metadata: ClientMetadata) => ({ ...metadata, subject_type: 'pairwise' });
    const { register } = serving({}, { review });
    await register({ ...device({ redirect_uris: [VICTIM] }), subject_type: undefined }).expect(400);
    await register({ ...pairwise('http://127.0.0.1/callback'), subject_type: undefined }).expect(400);
    await register({ ...pairwise(VICTIM), subject_type: undefined }).expect(201);
  });

  it('nor where review leaves its grant types out, so that it may use any', async () => {
    const { register } = serving({}, { review: ({ grant_types, ...metadata }: ClientMetadata) => metadata });
    await register(pairwise(VICTIM)).expect(400);
  });
});

describe('OpenID Connect Core §8.1: the sector of a client with a metadata document is the host of the document', () => {
  let host: DocumentHost;
  before(async () => {
    host = await documentHost();
  });
  after(() => host.close());

  const OWN = 'https://client.example/callback';
  const documents = (
    more: Partial<ClientIDMetadataOptions<Registered>> = {},
    lists: Lists = {},
    plug = openidOf<Registered>(lists),
  ) => documentServer({ fetch: host.fetch, keys, plugs: [jwks(keys), plug], ...more });
  const tokensAt = async (made: ReturnType<typeof documents>, id: string, redirect_uri = OWN): Promise<Tokens> => {
    const code = await made.codeFor(id, { scope: 'openid', redirect_uri });
    return (await made.redeem(id, code, { redirect_uri }).expect(200)).body;
  };
  const subOf = ({ id_token }: Tokens) => decodeJwt(id_token).sub;

  it('its redirect URIs are at that host, and its sub is that of the host', async () => {
    const made = documents();
    const registered = { client_id: 'client', redirect_uris: [OWN], subject_type: 'pairwise' };
    const id = host.publish('/pairwise.json', pairwise(OWN));
    const sub = subOf(await tokensAt(made, id));
    assert.equal(sub, await made.server.core.outwardSubject('alice', registered as never));
  });

  const elsewhere: readonly [what: string, members: object][] = [
    ['redirect URIs at another host', pairwise(VICTIM)],
    ['a sector_identifier_uri at another host', pairwise(OWN, { sector_identifier_uri: SECTOR })],
  ];
  for (const [what, members] of elsewhere) {
    it(`refused: ${what}`, async () => {
      const made = documents({}, { [SECTOR]: [OWN] });
      const { status, body } = await made.authorize(host.publish('/elsewhere.json', members));
      assert.deepEqual([status, body.error], [403, 'unauthorized_client']);
      assert.match(body.error_description, /host of its client_id/);
    });

    it(`refused, after a login: ${what}`, async () => {
      const made = documents({}, { [SECTOR]: [OWN] });
      const id = host.publish('/moves.json', pairwise(OWN));
      const { refresh_token } = await tokensAt(made, id);
      host.publish('/moves.json', members);
      made.clock.now += 86_400;
      const { status, body } = await made.refresh(id, refresh_token);
      assert.deepEqual([status, body.error], [400, 'invalid_client'], JSON.stringify(body));
    });
  }

  it('a sector_identifier_uri that is unavailable for a while revokes nothing: the copy is used, and then 503', async () => {
    let isThere = true;
    const sector = `${host.origin}/sector.json`;
    const fetch = async () => (isThere ? Response.json([OWN]) : new Response('', { status: 502 }));
    const sectors = openid<Registered, User>({ pairwise: SECRET, fetch, findUser: (id) => ({ id, name: id }) });
    const made = documents({}, {}, sectors);
    const id = host.publish('/sector-away.json', pairwise(OWN, { sector_identifier_uri: sector }));
    const { refresh_token } = await tokensAt(made, id);
    isThere = false;
    made.clock.now += 300;
    const later = (await made.refresh(id, refresh_token).expect(200)).body;
    made.clock.now += 3600;
    await made.refresh(id, later.refresh_token).expect(503);
    isThere = true;
    await made.refresh(id, later.refresh_token).expect(200);
  });

  it('refused, after a login as a public client: redirect URIs at another host', async () => {
    const made = documents();
    const id = host.publish('/public.json', { ...pairwise(VICTIM), subject_type: 'public' });
    const { refresh_token } = await tokensAt(made, id, VICTIM);
    host.publish('/public.json', pairwise(VICTIM));
    made.clock.now += 86_400;
    await made.refresh(id, refresh_token).expect(400);
  });

  it('what the application makes of the document is what counts', async () => {
    const client = (documented: DocumentedClient) => ({ ...documented, subject_type: 'pairwise' }) as Registered;
    const made = documents({ client });
    const members = (uri: string) => ({ ...pairwise(uri), subject_type: undefined });
    await made.authorize(host.publish('/made.json', members(VICTIM)), { redirect_uri: VICTIM }).expect(403);
    await made.authorize(host.publish('/made-here.json', members(OWN))).expect(200);
  });

  it('a document whose client needs no redirect is refused as a registration is', async () => {
    const made = documents({
      grantTypes: ['authorization_code', 'refresh_token', 'client_credentials', DEVICE],
      plugs: [jwks(keys), openidOf<Registered>({}), deviceAuthorization()],
    } as Parameters<typeof documents>[0]);
    const both = { grant_types: ['authorization_code', 'refresh_token', DEVICE] };
    await made.authorize(host.publish('/device.json', pairwise(OWN, both))).expect(403);
  });
});
