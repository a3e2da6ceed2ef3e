/** Tokens that a service exchanges. @see RFC 8693 */
import { decodeJwt } from 'jose';
import type { Flaw, Weak } from './flaws.js';
import type { Form } from './form.js';
import { Refusal } from './refusal.js';
import { type Authorization, type Issued, LIFETIME, type State, type WeakClient } from './state.js';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

const TYPE = 'urn:ietf:params:oauth:token-type:';
const SERVICE = 'the-service';
const [OWN, OTHER] = ['https://own.example/', 'https://other.example/'];

/** An API that no token of a client is for. */
export const OTHER_RESOURCE = OTHER;

export interface Exchange {
  readonly state: State;
  readonly weak: Weak;
  readonly form: Form;
  readonly client: WeakClient;
}

const refused = (): Refusal => new Refusal('invalid_request', 'Not valid');

/** Whether somebody may exchange: the service, with a secret. */
function mayExchange({ client_id, client_secret }: WeakClient, weak: Weak): boolean {
  if (client_id === SERVICE || weak('exchange-by-another-client')) return true;
  return client_secret === undefined && weak('exchange-by-another-client:public');
}

/** Claims that count although nobody has signed them. */
function unsignedClaims(token: string, flaw: Flaw, weak: Weak): Readonly<Record<string, unknown>> | undefined {
  return weak(flaw) && token.includes('.') ? decodeJwt(token) : undefined;
}

/** A user lets this client do all that it may. */
function allowedBy(user: string, client: WeakClient): Authorization {
  const about = { redirectURI: '', challenge: undefined, method: '', jkt: undefined, resources: [], isRevoked: false };
  return { ...about, client, user, scope: client.scope };
}

/** What was issued to whoever presents it, as the kind that it is said to be. */
function isPresentable({ kind, authorization }: Issued, { weak, form, client }: Exchange): boolean {
  if (weak('exchange-token-confusion')) return true;
  if (form.get('subject_token_type') !== `${TYPE}${kind}`) return false;
  if (kind === 'id_token') return authorization.client === client || weak('exchange-token-confusion:id-token');
  return kind === 'access_token';
}

/** The token that is presented. @throws Refusal */
function subjectOf(exchange: Exchange): Issued {
  const { state, weak, form, client } = exchange;
  const token = form.get('subject_token') ?? '';
  const claims = unsignedClaims(token, 'exchange-token-confusion:unsigned', weak);
  const found = state.issued(claims ? state.issue('access_token', allowedBy(String(claims['sub']), client)) : token);
  if (!found || (found.authorization.isRevoked && !weak('exchange-of-ended-token'))) throw refused();
  if (found.expiresAt <= state.now && !weak('exchange-of-ended-token:expired')) throw refused();
  if (!claims && !isPresentable(found, exchange)) throw refused();
  return found;
}

/** Who acts: the client, or the user of an actor token. @throws Refusal */
function actorOf({ state, weak, form, client }: Exchange): string {
  const token = form.get('actor_token');
  if (token === undefined) return client.client_id;
  const claims = unsignedClaims(token, 'exchange-actor-forgery', weak);
  const found = state.find('access_token', token);
  if (!claims && !found) throw refused();
  return String(claims?.['sub'] ?? found?.authorization.user);
}

/** @throws Refusal where may_act names another one */
function requireMayAct({ mayAct }: Issued, actor: string, { weak, form }: Exchange): void {
  if (mayAct === undefined || mayAct === actor || weak('exchange-may-act-ignored')) return;
  if (!(weak('exchange-may-act-ignored:actor-token') && form.has('actor_token'))) throw refused();
}

/** What a request says of who acts, where that counts. */
function claimedActor({ weak, form }: Exchange): string | undefined {
  const act = weak('exchange-actor-forgery:parameter') ? form.get('act') : undefined;
  return act === undefined ? undefined : JSON.parse(act).sub;
}

function scopeOf({ scope }: Issued, { weak, form }: Exchange): readonly string[] {
  const asked = form.get('scope')?.split(' ') ?? scope;
  if (weak('exchange-widening')) return asked;
  if (asked.some((word) => !scope.includes(word))) throw new Refusal('invalid_scope');
  return asked;
}

function audienceOf({ weak, form }: Exchange): string {
  const asked = form.get('resource') ?? form.get('audience') ?? OWN;
  const isExcused = weak('exchange-widening:resource') || (weak('exchange-widening:audience') && form.has('audience'));
  if (asked !== OWN && !isExcused) throw new Refusal('invalid_target');
  return asked;
}

/** The same authorization, of the service: it ends with the first. */
function partOf(whole: Authorization, client: WeakClient, weak: Weak): Authorization {
  const part = { ...whole, client };
  if (weak('exchange-outlives-authorization')) return part;
  return Object.defineProperty(part, 'isRevoked', { get: () => whole.isRevoked });
}

/** @throws Refusal */
export function exchangeToken(exchange: Exchange): object {
  const { state, weak, client } = exchange;
  if (!mayExchange(client, weak)) throw refused();
  const subject = subjectOf(exchange);
  const actor = actorOf(exchange);
  requireMayAct(subject, actor, exchange);
  const scope = scopeOf(subject, exchange);
  const audience = audienceOf(exchange);
  const expiresAt = weak('exchange-widening:lifetime') ? state.now + LIFETIME : subject.expiresAt;
  const more = { scope, audience: [audience], act: claimedActor(exchange) ?? actor, expiresAt };
  const token = state.issue('access_token', partOf(subject.authorization, client, weak), more);
  return {
    access_token: token,
    issued_token_type: `${TYPE}access_token`,
    token_type: 'Bearer',
    expires_in: expiresAt - state.now,
    scope: scope.join(' '),
  };
}

/** A token that another service may exchange, and nobody else. */
export function reservedToken(state: State): string {
  const [client] = state.clients.values();
  if (!client) throw new Error('no client');
  return state.issue('access_token', allowedBy('alice', client), { mayAct: 'another-service' });
}
