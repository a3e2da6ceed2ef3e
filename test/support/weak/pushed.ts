/** Pushed authorization requests, and what a request stands for. @see RFC 9126, RFC 9101 */
import type { Context } from 'koa';
import { authenticate } from './client.js';
import type { Weak } from './flaws.js';
import { type Form, readForm } from './form.js';
import { readObject } from './object.js';
import { proofOf } from './proof.js';
import { Refusal } from './refusal.js';
import { random, type State, type Transaction, type WeakClient } from './state.js';

const PREFIX = 'urn:ietf:params:oauth:request_uri:';

/** The parameters that count. */
export interface Resolved {
  readonly form: Form;
  readonly reference: string | undefined;
  readonly jkt: string | undefined;
}

function clientOf(ctx: Context, form: Form, state: State, weak: Weak): WeakClient | Promise<WeakClient> {
  const claimed = state.clients.get(form.get('client_id') ?? '');
  return claimed && weak('pushed-request-without-authentication') ? claimed : authenticate(ctx, form, state, weak);
}

export async function pushEndpoint(ctx: Context, state: State, weak: Weak): Promise<void> {
  const form = await readForm(ctx, state, weak);
  const { client_id: clientID } = await clientOf(ctx, form, state, weak);
  if (form.has('request_uri')) throw new Refusal('invalid_request');
  const thumbprint = await proofOf(ctx, state, weak);
  const uri = `${PREFIX}${random()}`;
  const jkt = weak('dpop-code-of-another-key:pushed') ? undefined : thumbprint;
  state.pushed.set(uri, { form: new Map([...form, ['client_id', clientID]]), clientID, jkt, isAnswered: false });
  ctx.status = 201;
  ctx.body = { request_uri: uri, expires_in: 60 };
}

function byReference(uri: string, form: Form, state: State, weak: Weak): Resolved {
  const pushed = state.pushed.get(uri);
  if (!pushed || (pushed.isAnswered && !weak('pushed-request-replay'))) throw new Refusal('invalid_request_uri');
  if (pushed.clientID !== form.get('client_id') && !weak('pushed-request-of-another-client'))
    throw new Refusal('invalid_request_uri');
  const beside = weak('pushed-request-beside') ? form : [];
  return { form: new Map([...pushed.form, ...beside]), reference: uri, jkt: pushed.jkt };
}

async function byValue(object: string, form: Form, state: State, weak: Weak): Promise<Resolved> {
  const nothing = { reference: undefined, jkt: undefined };
  try {
    const inside = await readObject(object, form.get('client_id') ?? '', state, weak);
    return { form: weak('request-object-beside') ? new Map([...inside, ...form]) : inside, ...nothing };
  } catch (error) {
    if (weak('request-object-beside:unreadable')) return { form, ...nothing };
    throw error;
  }
}

/** @throws Refusal */
export async function resolve(form: Form, state: State, weak: Weak): Promise<Resolved> {
  const [uri, object] = [form.get('request_uri'), form.get('request')];
  if (uri?.startsWith(PREFIX) && object === undefined) return byReference(uri, form, state, weak);
  if (uri !== undefined && !(object && weak('request-object-beside:both'))) throw new Refusal('invalid_request_uri');
  if (object !== undefined) return byValue(object, form, state, weak);
  return { form, reference: undefined, jkt: undefined };
}

/** Of the dialogs of one reference, the first is answered. @throws Refusal */
export function takePushed({ reference }: Transaction, state: State, weak: Weak): void {
  const pushed = state.pushed.get(reference ?? '');
  if (!pushed) return;
  const mayAgain = weak('pushed-request-replay') || weak('pushed-request-replay:dialogs');
  if (pushed.isAnswered && !mayAgain) throw new Refusal('access_denied', 'It was answered', 403);
  pushed.isAnswered = true;
}
