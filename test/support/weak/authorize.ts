/** The authorization endpoint, up to the dialog. */
import type { Context } from 'koa';
import type { Weak } from './flaws.js';
import { type Form, readQuery } from './form.js';
import { loginByHint, requireExpected, responseTypes } from './openid.js';
import { showDialog, showError } from './pages.js';
import { type Resolved, resolve } from './pushed.js';
import { Refusal } from './refusal.js';
import { readResources } from './resources.js';
import { allow, answer } from './response.js';
import { type Login, random, type State, type Transaction, type WeakClient } from './state.js';

/** A request whose client and redirect URI are known: from here on errors go to the client. */
interface Trusted {
  readonly form: Form;
  readonly client: WeakClient;
  readonly redirectURI: string;
  readonly reference: string | undefined;
  readonly jkt: string | undefined;
}

/** @returns '' for what is no URL */
const partOf = (uri: string, part: 'href' | 'hostname'): string => (URL.canParse(uri) ? new URL(uri)[part] : '');

/** Whether it is nearly the registered one. */
function isSimilar(uri: string, given: string, weak: Weak): boolean {
  if (weak('redirect-uri-variants')) return given.startsWith(uri);
  if (weak('redirect-uri-variants:case')) return given.toLowerCase() === uri.toLowerCase();
  if (weak('redirect-uri-variants:normalized')) return partOf(given, 'href') === partOf(uri, 'href');
  return weak('redirect-uri-variants:host') && partOf(given, 'hostname').endsWith(partOf(uri, 'hostname'));
}

/** RFC 9700 §2.1: exactly as registered. */
function isRegistered({ redirect_uris }: WeakClient, given: string, weak: Weak): boolean {
  return redirect_uris.some((uri) => uri === given || isSimilar(uri, given, weak));
}

function redirectURIOf(form: Form, client: WeakClient, weak: Weak): string | undefined {
  const given = form.get('redirect_uri');
  if (given === undefined) return weak('redirect-uri-missing') ? client.redirect_uris[0] : undefined;
  return isRegistered(client, given, weak) ? given : undefined;
}

function trust(ctx: Context, { form, ...more }: Resolved, state: State, weak: Weak): Trusted | undefined {
  const id = form.get('client_id') ?? '';
  const client = state.clients.get(id);
  if (!client) {
    showError(ctx, weak, 'There is no such client', id);
    return undefined;
  }
  const redirectURI = redirectURIOf(form, client, weak);
  const given = form.get('redirect_uri') ?? '';
  if (redirectURI) return { form, client, redirectURI, ...more };
  const addressee = { redirectURI: given, state: form.get('state'), server: state };
  if (weak('open-redirect-by-error') && given) answer(ctx, weak, addressee, { error: 'invalid_request' });
  else showError(ctx, weak, 'This redirect URI is not registered', given);
  return undefined;
}

/** @throws Refusal */
function readScope({ form, client }: Trusted): readonly string[] {
  const scope = form.get('scope')?.split(' ') ?? client.scope;
  if (scope.some((one) => one !== 'openid' && !client.scope.includes(one))) throw new Refusal('invalid_scope');
  return scope;
}

/** RFC 7636 §4.3, RFC 9700 §2.1.1. @throws Refusal */
function readChallenge({ form }: Trusted, weak: Weak): { challenge: string | undefined; method: string } {
  const challenge = form.get('code_challenge');
  const method = form.get('code_challenge_method') ?? 'plain';
  const isOptional = weak('pkce-missing-challenge') || weak('pkce-verifier-without-challenge');
  if (challenge === undefined && !isOptional) throw new Refusal('invalid_request', 'A challenge is required');
  const isMethod = method === 'S256' || (method === 'plain' && weak('pkce-plain-downgrade'));
  if (challenge !== undefined && !isMethod) throw new Refusal('invalid_request', 'S256 is required');
  return { challenge, method };
}

/** Response types, and which of them need a nonce. @see OpenID Connect Core §3.2.2.1 */
function readType({ form }: Trusted, scope: readonly string[], weak: Weak): string {
  const type = form.get('response_type');
  if (type === undefined) throw new Refusal('invalid_request');
  const isOpenID = responseTypes(weak).includes(type) && (type === 'code' || scope.includes('openid'));
  if (!isOpenID && !(type === 'token' && weak('implicit-grant'))) throw new Refusal('unsupported_response_type');
  if (!['query', 'jwt'].includes(form.get('response_mode') ?? 'query')) throw new Refusal('invalid_request');
  const needsNonce = type.includes('id_token') && !weak('id-token-nonce:optional');
  if (needsNonce && !form.has('nonce')) throw new Refusal('invalid_request', 'A nonce is required');
  return type;
}

/** What is due before the user is asked. @throws Refusal */
function needsLogin({ form }: Trusted, { at }: Login, state: State, weak: Weak): boolean {
  const [prompt = '', age] = [form.get('prompt'), form.get('max_age')];
  if (prompt.split(' ').includes('login')) return !weak('login-skipped');
  return age !== undefined && state.time() - at > Number(age) && !weak('login-skipped:max-age');
}

/** @throws Refusal */
function begin(ctx: Context, trusted: Trusted, login: Login, state: State, weak: Weak): Transaction {
  const { form, client, redirectURI, reference, jkt = form.get('dpop_jkt') } = trusted;
  const scope = readScope(trusted);
  const responseType = readType(trusted, scope, weak);
  const pkce = responseType.includes('code') ? readChallenge(trusted, weak) : { challenge: undefined, method: '' };
  const asked = { scope, jkt, resources: readResources(form, weak), nonce: form.get('nonce') };
  const authorization = { client, user: login.user, login, redirectURI, isRevoked: false, ...asked, ...pkce };
  state.lastNonce = asked.nonce ?? state.lastNonce;
  return {
    id: random(),
    session: login.session,
    browser: ctx.cookies.get('browser'),
    needsLogin: needsLogin(trusted, login, state, weak),
    at: state.time(),
    authorization,
    state: form.get('state'),
    responseType,
    responseMode: form.get('response_mode'),
    reference,
  };
}

/** OpenID Connect Core §3.1.2.1: `none` comes alone. @throws Refusal */
function isQuiet({ form }: Trusted, weak: Weak): boolean {
  const prompts = form.get('prompt')?.split(' ') ?? [];
  if (!prompts.includes('none')) return false;
  if (prompts.length > 1 && !weak('prompt-none-page:combined')) throw new Refusal('invalid_request');
  return prompts.length === 1;
}

function ask(ctx: Context, state: State, weak: Weak, trusted: Trusted, login: Login): void {
  const transaction = begin(ctx, trusted, login, state, weak);
  const hasAgreed = weak('consent-skipped:another-client') && state.agreed.size > 0;
  const quiet = isQuiet(trusted, weak);
  if (hasAgreed || (quiet && (weak('consent-skipped') || agreesQuietly(transaction, state, weak)))) {
    allow(ctx, state, weak, transaction);
    return;
  }
  if (quiet && !weak('prompt-none-page:consent'))
    throw new Refusal(transaction.needsLogin ? 'login_required' : 'interaction_required');
  state.transactions.set(transaction.id, transaction);
  if (transaction.needsLogin) toLogin(ctx, `/resume?transaction_id=${transaction.id}`);
  else showDialog(ctx, weak, transaction);
}

/** Only for a flaw that shows nowhere else: consent that is remembered. */
function agreesQuietly({ authorization }: Transaction, { agreed }: State, weak: Weak): boolean {
  return weak('subject-mismatch:quiet') && agreed.has(authorization.client.client_id);
}

function toLogin(ctx: Context, returnTo: string): void {
  ctx.redirect(`/login?return_to=${encodeURIComponent(returnTo)}`);
}

/** Goes on with the user, or has them log in. @throws Refusal */
async function goOn(ctx: Context, state: State, weak: Weak, trusted: Trusted): Promise<void> {
  const here =
    state.sessions.get(ctx.cookies.get('session') ?? '') ?? (await loginByHint(ctx, trusted.form, state, weak));
  if (here) {
    await requireExpected(trusted.form, here.user, state, weak);
    ask(ctx, state, weak, trusted, here);
    return;
  }
  if (isQuiet(trusted, weak) && !weak('prompt-none-page')) throw new Refusal('login_required');
  toLogin(ctx, ctx.url);
}

export async function authorizationEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const trusted = trust(ctx, await resolve(readQuery(ctx, weak), state, weak), state, weak);
  if (!trusted) return;
  try {
    await goOn(ctx, state, weak, trusted);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { redirectURI, form, client } = trusted;
    const mode = form.get('response_mode');
    const addressee = { redirectURI, state: form.get('state'), server: state, mode, clientID: client.client_id };
    answer(ctx, weak, addressee, { error: error.code });
  }
}

/** Goes on with a request after the login that it asked for. @throws Refusal */
export function resumeEndpoint(ctx: Context, state: State, weak: Weak): void {
  const waiting = state.transactions.get(readQuery(ctx, weak).get('transaction_id') ?? '');
  const login = state.sessions.get(ctx.cookies.get('session') ?? '');
  if (!waiting || !login || login.at < waiting.at) throw new Refusal('access_denied', 'Nobody has logged in', 403);
  const authorization = { ...waiting.authorization, user: login.user, login };
  const transaction = { ...waiting, session: login.session, needsLogin: false, authorization };
  state.transactions.set(transaction.id, transaction);
  showDialog(ctx, weak, transaction);
}
