/** How the exam gets a client: a registered one, one that registers itself, or one with a document. */
import { type Page, send } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import type { AttackClient } from '../../attack/target.js';
import { FlowFailed, NotTried } from '../check.js';
import type { MCPDocument, MCPTarget } from '../target.js';
import type { Documents } from './documents.js';
import { documentIn, list, type Members, text } from './members.js';
import { once } from './once.js';

/** The redirect URI of the exam's clients. Nothing listens there. */
export const CALLBACK = 'http://127.0.0.1:33418/callback';

/** A registration like those of MCP clients on the user's machine. */
const REGISTRATION: Members = {
  client_name: 'MCP exam',
  redirect_uris: [CALLBACK],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  application_type: 'native',
};

export interface Registration {
  /** The client of the honest flow. @throws NotTried if there is no way to get one */
  client(): Promise<AttackClient>;
  otherClient(): Promise<AttackClient>;
  /** A client with a secret. @throws NotTried if there is none, and none can register */
  secretClient(): Promise<AttackClient>;
  /** Posts a registration, with these changes. @throws NotTried if clients cannot register */
  register(changes?: Members): Promise<Page>;
  /** Publishes the document of a new client, with these changes. @throws NotTried if the target has no place for documents */
  publish(path: string, changes?: Members, answer?: Partial<MCPDocument>): Promise<AttackClient>;
}

type Part<N extends keyof Registration> = Registration[N];

function registering({ server }: Documents): Part<'register'> {
  return async (changes = {}) => {
    const url = text((await server()).members['registration_endpoint']);
    if (url === undefined) throw new NotTried('the metadata has no registration_endpoint');
    return send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ ...REGISTRATION, ...changes }),
    });
  };
}

function publishing({ documents }: MCPTarget, { server }: Documents): Part<'publish'> {
  return async (path, changes = {}, answer = {}) => {
    if (!documents) throw new NotTried('no `documents`, where clients can have theirs');
    if ((await server()).members['client_id_metadata_document_supported'] !== true)
      throw new NotTried('the metadata does not have client_id_metadata_document_supported');
    const client_id = await documents.publish(path, (url) => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: url, ...REGISTRATION, ...changes }),
      ...answer,
    }));
    const [redirect_uri = CALLBACK] = (changes['redirect_uris'] ?? []) as readonly string[];
    return { client_id, redirect_uri };
  };
}

async function registered(register: Part<'register'>, changes: Members = {}): Promise<AttackClient> {
  const page = await register(changes);
  const { client_id, client_secret } = documentIn(page).members;
  if (typeof client_id !== 'string') throw new FlowFailed(`No client can register: ${describePage(page)}`);
  return { client_id, client_secret: text(client_secret), redirect_uri: CALLBACK };
}

/** The method by which a client sends its secret. RFC 8414 §2: `client_secret_basic` if the metadata name none. @throws NotTried */
function secretMethod({ token_endpoint_auth_methods_supported: supported }: Members) {
  const methods = supported === undefined ? ['client_secret_basic'] : list(supported);
  const method = (['client_secret_basic', 'client_secret_post'] as const).find((each) => methods.includes(each));
  if (method) return method;
  throw new NotTried('clients cannot have a secret');
}

export function openRegistration(target: MCPTarget, documents: Documents): Registration {
  const [register, publish] = [registering(documents), publishing(target, documents)];
  const obtain = async (path: string): Promise<AttackClient> => {
    const { members } = await documents.server();
    if (target.documents && members['client_id_metadata_document_supported'] === true) return publish(path);
    if (members['registration_endpoint'] !== undefined) return registered(register);
    throw new NotTried('no `client`; clients cannot register, and have no documents');
  };
  return {
    ...{ register, publish },
    client: once(async () => target.client ?? obtain('/exam.json')),
    otherClient: once(async () => target.otherClient ?? obtain('/another.json')),
    secretClient: once(async () => {
      const client = [target.client, target.otherClient].find((each) => each?.client_secret !== undefined);
      if (client) return client;
      const method = secretMethod((await documents.server()).members);
      const made = await registered(register, { token_endpoint_auth_method: method });
      if (made.client_secret === undefined) throw new NotTried('no client has a secret');
      return { ...made, token_endpoint_auth_method: method };
    }),
  };
}
