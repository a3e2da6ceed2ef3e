/** The MCP SDKs, unpatched, at a server by `mcpProfile()`: each cell of the table in docs/mcp.md. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { exportJWK, SignJWT } from 'jose';
import type { RegisteredClient } from 'koauthorize';
import { type DocumentHost, documentHost } from '../support/document-host.js';
import { type Signer, signer } from '../support/request-object.js';
import { withLibrary } from './libraries.js';
import { Browser, CALLBACK, Host, type HostOptions, sessionOf } from './mcp/host.js';
import { type Information, type Library, loadFirst, loadSecond, type OwnProvider } from './mcp/library.js';
import { IDP, type Running, type Setup, startServers } from './mcp/server.js';
import { type Cell, cellsOf, type SDK, SDKS, TABLE, WAYS, type Way, type What } from './mcp/table.js';

const NOTE = { name: 'add_note', arguments: { text: 'hello' } };
const MACHINE = { token_endpoint_auth_method: 'private_key_jwt', grant_types: ['client_credentials'] };
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** What the tests of all cells share. */
class House {
  documents!: DocumentHost;
  servers!: Running;
  idp!: Signer;
  machine!: Signer;

  async start(more: Partial<Setup> = {}): Promise<void> {
    this.documents = await documentHost();
    [this.idp, this.machine] = [await signer(), await signer()];
    const clients = [
      { client_id: 'host', redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' },
      { client_id: 'machine', jwks: this.machine.jwks, scope: 'notes:read', ...MACHINE },
      { client_id: 'enterprise', client_secret: 'a secret', scope: 'notes:read', grant_types: [JWT_BEARER] },
    ] as unknown as RegisteredClient[];
    this.servers = await startServers({ fetch: this.documents.fetch, clients, idp: this.idp, ...more });
  }

  async stop(): Promise<void> {
    this.servers.stop();
    await this.documents.close();
  }

  publish(members: object = {}): string {
    return this.documents.publish(`/${randomUUID()}.json`, {
      client_name: 'A host',
      redirect_uris: [CALLBACK],
      ...members,
    });
  }

  /** A host whose client is known in this way, or is about to be. */
  host(way: Way): Host {
    const options: Readonly<Record<Way, () => HostOptions>> = {
      document: () => ({ clientMetadataUrl: this.publish() }),
      registration: () => ({ metadata: { token_endpoint_auth_method: 'none' } }),
      'registered by hand': () => ({ information: { client_id: 'host' } }),
    };
    return new Host(options[way]());
  }

  /** A client without a user, which is known in this way. */
  async client(library: Library, way: Way, byHand: Information, metadata: object): Promise<Information> {
    if (way === 'registered by hand') return byHand;
    if (way === 'document') return { client_id: this.publish(metadata) };
    const { url } = this.servers;
    const found = await library.discoverAuthorizationServerMetadata(url);
    const clientMetadata = { redirect_uris: [], client_name: 'A machine', scope: 'notes:read', ...metadata };
    return library.registerClient(url, { metadata: found, clientMetadata });
  }
}

type Try = (house: House, library: Library, way: Way, cell: Cell) => Promise<void>;

/** It calls a tool as a client of a user, or of nobody. */
async function callsTool(library: Library, house: House, provider: object): Promise<void> {
  const client = new library.Client({ name: 'a machine', version: '1.0.0' });
  const { url } = house.servers;
  await client.connect(new library.StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider: provider }));
  const { content } = await client.callTool({ name: 'list_notes' });
  assert.deepEqual(Array.isArray(content) && content.length, 1);
  await client.close();
}

const firstLogin: Try = async (house, library, way) => {
  const host = house.host(way);
  await sessionOf(library, house.servers.url, host).logIn();
  const asked = host.opened[0]?.searchParams;
  assert.equal(asked?.get('resource'), `${house.servers.url}/mcp`);
  const clientID = host.information?.client_id ?? '';
  assert.equal(asked?.get('client_id'), clientID);
  assert.equal(clientID.startsWith('https://'), way === 'document');
  await callsTool(library, house, host);
};

const refresh: Try = async (house, library, way) => {
  const host = house.host(way);
  await sessionOf(library, house.servers.url, host).logIn();
  const first = host.kept;
  assert.ok(first?.refresh_token);
  host.kept = { ...first, access_token: 'stale' };
  await callsTool(library, house, host);
  assert.equal(host.opened.length, 1);
  assert.notEqual(host.kept?.refresh_token, first.refresh_token);
  assert.equal(house.servers.tokenRequests.at(-1)?.params.get('grant_type'), 'refresh_token');
};

const stepUp: Try = async (house, library, way, { notes }) => {
  const host = house.host(way);
  const session = sessionOf(library, house.servers.url, host);
  await session.logIn();
  let [reading, transport] = [session.client(), session.open()];
  await reading.connect(transport);
  if (notes.includes('refreshes')) {
    await assert.rejects(reading.callTool(NOTE), /403/);
    assert.equal(host.opened.length, 1);
    const { refresh_token: _dropped, ...kept } = host.kept ?? { access_token: '' };
    host.kept = kept;
    [reading, transport] = [session.client(), session.open()];
    await reading.connect(transport);
  }
  await assert.rejects(reading.callTool(NOTE));
  assert.equal(host.opened.length, 2);
  const asked = host.opened[1]?.searchParams.get('scope')?.split(' ');
  for (const word of ['notes:read', 'notes:write']) assert.ok(asked?.includes(word), `${asked}`);
  await session.authorize(transport);
  const writing = await session.connected();
  assert.match(JSON.stringify((await writing.callTool(NOTE)).content), /You have \d+ notes/);
  await writing.close();
};

const checksIss: Try = async (house, library, way, { works }) => {
  const host = house.host(way);
  const { open, client } = sessionOf(library, house.servers.url, host);
  const transport = open();
  await assert.rejects(client().connect(transport));
  const [asked] = host.opened;
  assert.ok(asked);
  const { answered } = await new Browser().allow(asked);
  const sent = house.servers.tokenRequests.length;
  const finished = transport.finishAuth(answered.searchParams.get('code') ?? '', 'https://attacker.example');
  if (works) {
    await assert.rejects(finished, /issuer|iss/i);
    assert.equal(house.servers.tokenRequests.length, sent, 'It told the attacker the code');
    assert.equal(host.kept, undefined);
  } else {
    await finished;
    assert.ok(host.kept?.access_token);
  }
};

const bindsToKey: Try = async (house, library, way, { works }) => {
  const host = house.host(way);
  const key = works ? await library.DpopSession?.create() : {};
  assert.ok(key);
  assert.equal(library.DpopSession === undefined, !works);
  host.dpop = () => key;
  await sessionOf(library, house.servers.url, host).logIn();
  assert.equal(host.kept?.token_type?.toLowerCase(), works ? 'dpop' : 'bearer');
  assert.equal(house.servers.tokenRequests.at(-1)?.dpop !== undefined, works);
  await callsTool(library, house, host);
  if (!works) return;
  for (const scheme of ['Bearer', 'DPoP']) {
    const headers = { Authorization: `${scheme} ${host.kept?.access_token}` };
    const stolen = await fetch(`${house.servers.url}/mcp`, { method: 'POST', headers });
    assert.equal(stolen.status, 401, `${scheme}, without the key`);
  }
  host.kept = { ...host.kept, access_token: 'stale' } as typeof host.kept;
  await callsTool(library, house, host);
  assert.equal(host.kept?.token_type?.toLowerCase(), 'dpop');
};

/** What a client gets that has no user: a tool, or a refusal before anything is fetched. */
async function withoutUser(house: House, library: Library, provider: OwnProvider, { works }: Cell): Promise<void> {
  const fetched = house.documents.requests.length;
  if (works) {
    await callsTool(library, house, provider);
    assert.equal(provider.tokens()?.refresh_token, undefined);
    return;
  }
  await assert.rejects(callsTool(library, house, provider), /client/i);
  assert.equal(provider.tokens(), undefined);
  assert.equal(house.documents.requests.length, fetched, 'A stranger has it fetch a URL');
}

const clientCredentials: Try = async (house, library, way, cell) => {
  const { machine, servers } = house;
  const byHand = { client_id: 'machine' };
  const { client_id: clientId } = await house.client(library, way, byHand, { ...MACHINE, jwks: machine.jwks });
  const provider = new library.PrivateKeyJwtProvider({
    clientId,
    privateKey: await exportJWK(machine.privateKey),
    algorithm: 'ES256',
    scope: 'notes:read',
    expectedIssuer: servers.url,
  });
  await withoutUser(house, library, provider, cell);
  const { params } = servers.tokenRequests.at(-1) ?? {};
  assert.equal(params?.get('grant_type'), 'client_credentials');
  assert.ok(params?.has('client_assertion'));
};

/** What the SDK tells whoever gets the ID-JAG from the identity provider. */
interface Wanted {
  readonly authorizationServerUrl: string;
  readonly resourceUrl: string;
  readonly scope?: string;
}

/** A provider such as a host writes for an SDK that has none for this. */
function ownProvider(information: Information, assertion: (wanted: Wanted) => Promise<string>, url: string) {
  let kept: { readonly access_token: string } | undefined;
  return {
    redirectUrl: undefined,
    clientMetadata: { redirect_uris: [], scope: 'notes:read' },
    clientInformation: () => information,
    tokens: () => kept,
    saveTokens(tokens: { readonly access_token: string }) {
      kept = tokens;
    },
    async prepareTokenRequest(scope = 'notes:read') {
      const wanted = { authorizationServerUrl: url, resourceUrl: `${url}/mcp`, scope };
      return new URLSearchParams({ grant_type: JWT_BEARER, assertion: await assertion(wanted), scope });
    },
  };
}

const crossAppAccess: Try = async (house, library, way, cell) => {
  const { url, tokenRequests } = house.servers;
  const byHand = { client_id: 'enterprise', client_secret: 'a secret' };
  const isDocument = way === 'document';
  const token_endpoint_auth_method = isDocument ? 'none' : 'client_secret_basic';
  const information = await house.client(library, way, byHand, {
    token_endpoint_auth_method,
    grant_types: [JWT_BEARER],
  });
  const { client_id: clientId, client_secret: clientSecret } = information;
  const assertion = ({ authorizationServerUrl, resourceUrl, scope }: Wanted): Promise<string> =>
    new SignJWT({ jti: randomUUID(), client_id: clientId, resource: resourceUrl, scope })
      .setProtectedHeader({ alg: house.idp.alg, kid: house.idp.kid, typ: 'oauth-id-jag+jwt' })
      .setIssuer(IDP)
      .setSubject('U17')
      .setAudience(authorizationServerUrl)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(house.idp.privateKey);
  const { CrossAppAccessProvider: Provider } = library;
  if (cell.works) assert.equal(Provider === undefined, cell.notes.includes('ownProvider'));
  const provider = Provider
    ? new Provider({ assertion, clientId, clientSecret, expectedIssuer: url })
    : ownProvider(information, assertion, url);
  await withoutUser(house, library, provider, cell);
  assert.equal(tokenRequests.at(-1)?.params.get('grant_type'), JWT_BEARER);
};

const TRIES: Readonly<Record<What, Try>> = {
  'first login': firstLogin,
  refresh,
  'step-up (403 `insufficient_scope`)': stepUp,
  '`iss` checked (RFC 9207)': checksIss,
  'DPoP, with nonces (RFC 9449)': bindsToKey,
  'client credentials, `private_key_jwt`': clientCredentials,
  'cross-app access (ID-JAG)': crossAppAccess,
};

/** What becomes of a step-up where the registration is kept as it came. */
async function isHeld(load: () => Promise<Library>): Promise<void> {
  const house = new House();
  await house.start({ review: (metadata) => metadata });
  const host = house.host('registration');
  const session = sessionOf(await load(), house.servers.url, host);
  await session.logIn();
  host.kept = { access_token: host.kept?.access_token ?? '', scope: 'notes:read' }; // so that its user is asked
  const reading = await session.connected();
  await assert.rejects(reading.callTool(NOTE));
  const asked = host.opened[1];
  assert.ok(asked);
  assert.match(asked.searchParams.get('scope') ?? '', /notes:write/);
  const answer = await fetch(asked, { redirect: 'manual' });
  assert.equal(new URL(answer.headers.get('location') ?? '').searchParams.get('error'), 'invalid_scope');
  await house.stop();
}

function tests(sdk: SDK, load: () => Promise<Library>): void {
  const house = new House();
  before(() => house.start());
  after(() => house.stop());
  for (const what of Object.keys(TABLE) as What[]) {
    for (const way of WAYS) {
      const cell = cellsOf(what, sdk)[way];
      const outcome = [cell.works ? 'yes' : 'no', ...cell.notes].join(', ');
      it(`${what}, ${way}: ${outcome}`, async () => TRIES[what](house, await load(), way, cell));
    }
  }
  it('without review, a client that registered is held to the scope of the first 401', () => isHeld(load));
}

describe('the MCP SDKs at a server by mcpProfile()', () => {
  if (!existsSync(new URL('../../examples/mcp/node_modules', import.meta.url))) {
    it.skip('examples/mcp is not installed: npm run test:clients');
    return;
  }
  withLibrary(SDKS[0], (load) => tests(SDKS[0], () => loadFirst(load)));
  withLibrary(SDKS[1], (load) => tests(SDKS[1], () => loadSecond(load)));
});
