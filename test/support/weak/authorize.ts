/** The authorization endpoint, up to the dialog. */
import type { Context } from 'koa';
import type { Weak } from './flaws.js';
import { type Form, readQuery } from './form.js';
import { showDialog, showError } from './pages.js';
import { type Resolved, resolve } from './pushed.js';
import { Refusal } from './refusal.js';
import { allow, answer } from './response.js';
import { random, type State, type Transaction, type WeakClient } from './state.js';

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
  if (scope.some((one) => !client.scope.includes(one))) throw new Refusal('invalid_scope');
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

function readType({ form }: Trusted, weak: Weak): string {
  const type = form.get('response_type');
  if (type === undefined) throw new Refusal('invalid_request');
  if (type !== 'code' && !(type === 'token' && weak('implicit-grant'))) throw new Refusal('unsupported_response_type');
  if (!['query', 'jwt'].includes(form.get('response_mode') ?? 'query')) throw new Refusal('invalid_request');
  return type;
}

/** @throws Refusal */
function begin(trusted: Trusted, session: string, user: string, weak: Weak): Transaction {
  const { form, client, redirectURI, reference, jkt = form.get('dpop_jkt') } = trusted;
  const responseType = readType(trusted, weak);
  const pkce = responseType === 'code' ? readChallenge(trusted, weak) : { challenge: undefined, method: '' };
  const authorization = { client, user, redirectURI, scope: readScope(trusted), jkt, isRevoked: false, ...pkce };
  return {
    id: random(),
    session,
    authorization,
    state: form.get('state'),
    responseType,
    responseMode: form.get('response_mode'),
    reference,
  };
}

function ask(ctx: Context, state: State, weak: Weak, trusted: Trusted): void {
  const session = ctx.cookies.get('session') ?? '';
  const transaction = begin(trusted, session, state.sessions.get(session) ?? '', weak);
  const hasAgreed = weak('consent-skipped:another-client') && state.agreed.size > 0;
  const isQuiet = trusted.form.get('prompt') === 'none';
  if (hasAgreed || (isQuiet && weak('consent-skipped'))) {
    allow(ctx, state, weak, transaction);
    return;
  }
  if (isQuiet) throw new Refusal('interaction_required');
  state.transactions.set(transaction.id, transaction);
  showDialog(ctx, weak, transaction);
}

export async function authorizationEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  if (!state.sessions.has(ctx.cookies.get('session') ?? '')) {
    ctx.redirect(`/login?return_to=${encodeURIComponent(ctx.url)}`);
    return;
  }
  const trusted = trust(ctx, await resolve(readQuery(ctx, weak), state, weak), state, weak);
  if (!trusted) return;
  try {
    ask(ctx, state, weak, trusted);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { redirectURI, form, client } = trusted;
    const mode = form.get('response_mode');
    const addressee = { redirectURI, state: form.get('state'), server: state, mode, clientID: client.client_id };
    answer(ctx, weak, addressee, { error: error.code });
  }
}
