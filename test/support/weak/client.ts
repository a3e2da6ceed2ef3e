/** Who is the client that sends a request? RFC 6749 §2.3 */
import { createHash, scryptSync, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { byAssertion } from './client-assertion.js';
import type { Weak } from './flaws.js';
import type { Form } from './form.js';
import { Refusal } from './refusal.js';
import type { State, WeakClient } from './state.js';

interface Presented {
  readonly id: string | undefined;
  readonly secret: string | undefined;
  readonly by: 'header' | 'form';
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

function readBasic(ctx: Context): Presented | undefined {
  const [, credentials] = /^Basic ([\w+/=-]+)$/i.exec(ctx.get('Authorization')) ?? [];
  if (credentials === undefined) return undefined;
  const [id = '', ...secret] = Buffer.from(credentials, 'base64').toString().split(':');
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret.join(':')), by: 'header' };
}

/** Takes longer the more of the secret was guessed. */
function isEqualSlowly(given: string, wanted: string): boolean {
  for (let index = 0; index < wanted.length; index++) {
    if (given[index] !== wanted[index]) return false;
    scryptSync('slow', 'salt', 8, { N: 256 });
  }
  return given.length === wanted.length;
}

/** Whether what is no secret of a client counts as one. */
function isExcused({ secret, by }: Presented, state: State, weak: Weak): boolean {
  if (secret === undefined) return weak('no-secret');
  if (secret === '') return weak(by === 'header' ? 'empty-secret' : 'empty-secret:form');
  const ofAnother = [...state.clients.values()].some(({ client_secret }) => client_secret === secret);
  return weak('wrong-secret') || (weak('wrong-secret:of-another') && ofAnother);
}

function matches(client: WeakClient | undefined, presented: Presented, state: State, weak: Weak): boolean {
  const { secret } = presented;
  if (client?.byAssertion) return false;
  if (client && client.client_secret === undefined) return secret === undefined;
  if (client && isExcused(presented, state, weak)) return true;
  if (secret === undefined) return false;
  if (client && weak('timing-of-secrets:client')) scryptSync(secret, 'salt', 32, { N: 4096 }); // of an unknown one it costs nothing
  if (weak('timing-of-secrets')) return isEqualSlowly(secret, client?.client_secret ?? 'nobody');
  // an unknown client's secret is compared, too, with one that nobody has
  return timingSafeEqual(hash(secret), hash(client?.client_secret ?? 'nobody')) && client !== undefined;
}

function readPresented(ctx: Context, form: Form, weak: Weak): Presented {
  const [basic, secret, id] = [readBasic(ctx), form.get('client_secret'), form.get('client_id')];
  const inForm = { id, secret, by: 'form' } as const;
  if (!basic) return inForm;
  if (secret !== undefined) {
    const isSame = weak('two-authentications:both') && secret === basic.secret;
    if (weak('two-authentications:form') && secret !== basic.secret) return inForm;
    if (!weak('two-authentications') && !isSame) throw new Refusal('invalid_request', 'Authenticated twice');
  }
  const isConfused = id !== undefined && id !== basic.id;
  if (isConfused && !weak('client-confusion')) throw new Refusal('invalid_request', 'Two clients');
  return basic;
}

/** @throws Refusal invalid_client */
export async function authenticate(ctx: Context, form: Form, state: State, weak: Weak): Promise<WeakClient> {
  const assertion = form.get('client_assertion');
  return assertion === undefined ? bySecret(ctx, form, state, weak) : byAssertion(assertion, state, weak);
}

function bySecret(ctx: Context, form: Form, state: State, weak: Weak): WeakClient {
  if (state.guessesLeft <= 0) throw new Refusal('temporarily_unavailable', 'Too many guesses', 429);
  const presented = readPresented(ctx, form, weak);
  const { id = '' } = presented;
  if (weak('operator-injection:client-id') && id in {}) throw new Error('no client of mine');
  const client = state.clients.get(id);
  const isRight = matches(client, presented, state, weak);
  if (!client || !isRight) {
    state.guessesLeft -= 1;
    const realm = weak('client-enumeration:header') && !client ? 'nobody' : 'weak';
    ctx.set('WWW-Authenticate', `Basic realm="${realm}"`);
    const why = weak('client-enumeration') && !client ? 'There is no such client' : 'Client authentication failed';
    throw new Refusal('invalid_client', why, 401);
  }
  const claimed = weak('client-confusion') ? state.clients.get(form.get('client_id') ?? '') : undefined;
  return claimed ?? client;
}
