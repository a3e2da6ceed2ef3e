/** The authorization endpoint of the exam's tests, its dialog and its login. */
import type { Context } from 'koa';
import { random } from '../weak/random.js';
import { findClient } from './clients.js';
import {
  type Authorization,
  type Client,
  type Dialog,
  type Endpoint,
  Refusal,
  readText,
  SCOPES,
  type State,
  single,
} from './nouns.js';

export const OTHER_RESOURCE = 'https://mail.mcp-exam.example/';

/** Another one, whose identifier begins with that of the MCP server. */
export const longer = (resource: string): string => `${resource}-of-another`;

type Params = ReadonlyMap<string, string>;

const escapeHTML = (text: string): string => text.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);

function show(ctx: Context, { weak }: State, html: string): void {
  if (!weak('dialog-not-framed')) ctx.set('Content-Security-Policy', "frame-ancestors 'none'");
  ctx.type = 'html';
  ctx.body = `<!doctype html><html lang="en"><title>Exam</title><body>${html}</body></html>`;
}

/** Whether a redirect URI counts as the registered one. */
function isRedirectURI(given: string, uri: string, { weak }: State): boolean {
  if (given === uri) return true;
  const { host, hostname, pathname } = new URL(uri);
  const tolerated: Readonly<Record<string, string>> = {
    'redirect-uri-path': `${uri}/more`,
    'redirect-uri-query': `${uri}?more=1`,
    'redirect-uri-host': uri.replace(host, `${hostname}.attacker.example`),
    'redirect-uri-user': uri.replace(host, `${hostname}@attacker.example`),
    'redirect-uri-spelling': uri.replace(pathname, `/x/..${pathname}`),
  };
  return Object.entries(tolerated).some(([name, variant]) => weak(name) && variant === given);
}

function trust(params: Params, state: State): { client: Client; redirectURI: string } | undefined {
  const { weak } = state;
  const client = findClient(params.get('client_id') ?? '', state);
  const given = params.get('redirect_uri') ?? '';
  const isTaken =
    weak('redirect-uri-unknown') || (client?.client_id.startsWith('https:') && weak('document-redirect-uri'));
  const uri = client?.redirect_uris.find((each) => isRedirectURI(given, each, state));
  if (client && (uri !== undefined || isTaken)) return { client, redirectURI: given };
  return undefined;
}

/** An authorization response. */
function respond(ctx: Context, to: string, params: Record<string, string | undefined>, state: State): void {
  const { weak, issuer } = state;
  const url = new URL(to);
  const isSilent = weak('iss') || weak('iss-as-announced') || (params['error'] && weak('iss-in-errors'));
  const iss = isSilent ? undefined : `${issuer}${weak('iss-identical') ? '/' : ''}`;
  const all = { ...params, iss };
  for (const [name, value] of Object.entries(all)) if (value !== undefined) url.searchParams.append(name, value);
  ctx.redirect(url.href);
  ctx.status = weak('redirect-drops-post') && ctx.method === 'POST' ? 307 : 303;
}

function requireChallenge(params: Params, { weak }: State): void {
  const [challenge, method = 'plain'] = [params.get('code_challenge'), params.get('code_challenge_method')];
  if (challenge === undefined) {
    if (!weak('challenge-required')) throw new Refusal('invalid_request');
    return;
  }
  const isMethod =
    method === 'S256' || weak('challenge-method-unknown') || (method === 'plain' && weak('challenge-plain'));
  if (!isMethod) throw new Refusal('invalid_request');
}

function readResource(params: Params, { weak, resource: own }: State): string {
  const resource = params.get('resource') ?? own;
  const isMalformed = !URL.canParse(resource) || resource.includes('#');
  const isKnown = [own, longer(own), OTHER_RESOURCE].includes(resource) || (!isMalformed && weak('resource-unknown'));
  if (weak('resource-parameter') && params.has('resource')) throw new Refusal('invalid_request');
  if (!isKnown && !(isMalformed && weak('resource-malformed'))) throw new Refusal('invalid_target');
  return isMalformed ? own : resource;
}

const KNOWN = new Set(
  'response_type client_id redirect_uri scope state code_challenge code_challenge_method resource prompt'.split(' '),
);

/** What is asked for. @throws Refusal */
function judge(params: Params, by: { client: Client; redirectURI: string }, user: string, state: State): Authorization {
  const { weak } = state;
  const type = params.get('response_type');
  const isType = type === 'code' || weak('unknown-response-type') || (type === 'token' && weak('implicit-grant'));
  if (!isType) throw new Refusal('unsupported_response_type');
  if (weak('unknown-parameter') && [...params.keys()].some((name) => !KNOWN.has(name)))
    throw new Refusal('invalid_request');
  requireChallenge(params, state);
  const scope = params.get('scope')?.split(' ') ?? ['files:read'];
  if (scope.some((each) => ![...SCOPES, 'offline_access'].includes(each))) throw new Refusal('invalid_scope');
  return {
    ...by,
    user,
    challenge: params.get('code_challenge'),
    method: params.get('code_challenge_method') ?? 'plain',
    scope,
    resource: readResource(params, state),
    isEnded: false,
  };
}

export function newCode(authorization: Authorization, { kept }: State): string {
  const code = random();
  kept.set(code, { kind: 'code', authorization, isSpent: false });
  return code;
}

function showDialog(ctx: Context, dialog: Dialog, state: State): void {
  const { weak, dialogs } = state;
  const id = random();
  dialogs.set(id, dialog);
  const { client, redirectURI } = dialog.authorization;
  const from = weak('document-client-host') ? (client.client_name ?? '') : client.client_id;
  const to = weak('document-redirect-host') ? 'the client' : new URL(redirectURI).host;
  show(
    ctx,
    state,
    `<p>${escapeHTML(from)} asks; the answer goes to ${escapeHTML(to)}</p><form method="post" action="/decision">` +
      `<input type="hidden" name="transaction_id" value="${id}"><button name="decision" value="allow">Allow</button>` +
      '<button name="decision" value="deny">Deny</button></form>',
  );
}

/** The user who is logged in. */
function userOf(ctx: Context, { sessions, weak }: State): string | undefined {
  return sessions.get(ctx.cookies.get('session') ?? '') ?? (weak('user-is-asked') ? 'alice' : undefined);
}

export const authorize: Endpoint = (ctx, state) => {
  const { weak } = state;
  const params = single(new URLSearchParams(ctx.querystring), weak('repeated-parameter'));
  const trusted = trust(params, state);
  const [given = '', told] = [params.get('redirect_uri'), params.get('state')];
  if (!trusted) {
    const isUnknown = !findClient(params.get('client_id') ?? '', state);
    const isSent = weak('client-unknown') ? isUnknown : weak('redirect-uri-unknown-error') && !isUnknown;
    if (!isSent) throw new Refusal('invalid_request');
    respond(ctx, given, { error: 'invalid_request', state: told }, state);
    return;
  }
  const user = userOf(ctx, state);
  try {
    if (user === undefined) throw new Refusal('login_required');
    const authorization = judge(params, trusted, user, state);
    if (params.get('response_type') === 'token') {
      ctx.redirect(`${given}#access_token=t&token_type=Bearer`);
    } else if (!ctx.cookies.get('session')) {
      respond(ctx, given, { code: newCode(authorization, state), state: told }, state);
    } else showDialog(ctx, { authorization, session: ctx.cookies.get('session') ?? '', state: told }, state);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    respond(ctx, given, { error: error.code, state: told }, state);
  }
};

export const decide: Endpoint = async (ctx, state) => {
  const { weak, dialogs } = state;
  const params = single(new URLSearchParams(await readText(ctx)), false);
  const id = params.get('transaction_id') ?? '';
  const dialog = dialogs.get(id);
  const isSame = dialog?.session === ctx.cookies.get('session') || weak('dialog-of-another-user');
  if (!dialog || !isSame) throw new Refusal('access_denied', 403);
  dialogs.delete(id);
  const isAllowed = params.get('decision') !== 'deny' || weak('denial');
  const answer =
    isAllowed && !weak('authorization-code')
      ? { code: newCode(dialog.authorization, state) }
      : { error: 'access_denied' };
  const told = weak('state-returned') ? dialog.state?.replaceAll('+', ' ') : dialog.state;
  respond(ctx, dialog.authorization.redirectURI, { ...answer, state: told }, state);
};

export const showLogin: Endpoint = (ctx, state) =>
  show(ctx, state, '<form method="post" action="/login"><input name="user"><button>Log in</button></form>');

export const logIn: Endpoint = async (ctx, { sessions }) => {
  const session = random();
  sessions.set(session, new URLSearchParams(await readText(ctx)).get('user') ?? '');
  ctx.cookies.set('session', session, { sameSite: 'lax' });
  ctx.body = 'Welcome';
};
