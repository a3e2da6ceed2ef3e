/** Who asks: clients that registered, or that have a document. */
import { random } from '../weak/random.js';
import { type Client, type Endpoint, Refusal, readText, type State } from './nouns.js';

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

function requireRedirectURI(uri: string, { weak }: State): void {
  const { protocol, hostname, hash } = URL.canParse(uri) ? new URL(uri) : { protocol: '', hostname: '', hash: '' };
  const isHTTP = protocol === 'http:' && (LOOPBACK.test(hostname) || weak('registration-http'));
  const isScript = /^(javascript|data):$/.test(protocol) && weak('registration-script');
  const isGood = (protocol === 'https:' || isHTTP || isScript) && (!hash || weak('registration-fragment'));
  if (!isGood) throw new Refusal(weak('registration-error') ? 'invalid_request' : 'invalid_redirect_uri');
}

export const register: Endpoint = async (ctx, state) => {
  const { weak } = state;
  const { redirect_uris = [], token_endpoint_auth_method = 'none', ...more } = JSON.parse(await readText(ctx));
  for (const uri of redirect_uris) requireRedirectURI(uri, state);
  if (redirect_uris.length === 0 && !weak('registration-without-redirect-uri'))
    throw new Refusal('invalid_redirect_uri');
  const hasSecret = token_endpoint_auth_method !== 'none';
  const client: Client = {
    client_id: random(),
    redirect_uris,
    token_endpoint_auth_method,
    client_name: more.client_name,
    ...(hasSecret && { client_secret: random() }),
  };
  state.clients.set(client.client_id, client);
  const expiry = hasSecret && !weak('registration-secret-expiry') ? { client_secret_expires_at: 0 } : {};
  ctx.status = weak('registration') ? 200 : 201;
  ctx.body = weak('registration-echo') ? { client_id: client.client_id } : { ...client, ...expiry };
};

function isURLOfClient(url: string, { weak }: State): boolean {
  if (!/^https?:/.test(url) || !URL.canParse(url)) return false;
  return weak('document-url') || (new URL(url).href === url && /^https:\/\/[^/@#?]+\/[^#]+$/.test(url));
}

/** The members of a good document. @throws Refusal */
function judge(url: string, text: string, { weak }: State): Client {
  const isBroken = !text.endsWith('}');
  if (isBroken && !weak('document-json')) throw new Refusal('invalid_client_metadata');
  const callback = 'http://127.0.0.1:33418/callback';
  const document = isBroken ? { client_id: url, client_name: 'x', redirect_uris: [callback] } : JSON.parse(text);
  const { redirect_uris = weak('document-redirect-uris') ? [callback] : [] } = document;
  const method = document.token_endpoint_auth_method;
  const isGood =
    (document.client_id === url || weak('document-client-id')) &&
    redirect_uris.length > 0 &&
    (document.client_name !== undefined || weak('document-client-name')) &&
    (document.client_secret === undefined || weak('document-secret')) &&
    (method === 'none' || method === undefined || weak('document-secret-method'));
  if (!isGood) throw new Refusal('invalid_client_metadata');
  return { client_id: url, redirect_uris, client_name: document.client_name };
}

/** @throws Refusal */
function fetched(url: string, state: State): Client {
  const { weak, documents } = state;
  const own = weak('document-url') ? url.replace(/^http:/, 'https:').replace(/#.*|user@|x\/\.\.\//g, '') : url;
  let { status = 200, body, headers } = documents.read(own);
  if (status === 302 && weak('document-redirect')) {
    const target = headers?.['location'] ?? '';
    return judge(target, documents.read(target).body, state);
  }
  if (status === 404 && body && weak('document-status')) status = 200;
  if (status !== 200) throw new Refusal('invalid_client_metadata');
  return judge(own, body, state);
}

/** The client of this identifier. @throws Refusal for a document that is not valid */
export function findClient(id: string, state: State): Client | undefined {
  const { weak, copies } = state;
  const registered = state.clients.get(id);
  if (registered || !isURLOfClient(id, state) || weak('document')) return registered;
  const isKept = !weak('document-kept') && /kept|late/.test(id);
  if (isKept && copies.has(id)) return copies.get(id);
  try {
    const client = fetched(id, state);
    if (isKept) copies.set(id, client);
    return client;
  } catch (error) {
    if (weak('document-error-not-kept')) copies.set(id, undefined);
    throw error;
  }
}
