/** The API that accepts the tokens: the user's name and notes. examples/api shows an API in a process of its own. */
import { bodyParser } from '@koa/bodyparser';
import Router from '@koa/router';
import type { Context } from 'koa';
import {
  type BearerState,
  bearer,
  type Proof,
  type ProtectedResource,
  requireAuthentication,
  requireScope,
} from 'koauthorize/resource-server';
import type { VerifiedToken } from 'koauthorize/tokens';
import { takePlace } from './places.js';
import { PASSKEY_ACR } from './sessions.js';
import type { Collections } from './storage/index.js';
import type { Users } from './users.js';

interface Options {
  readonly resource: ProtectedResource;
  readonly verify: (accessToken: string) => Promise<VerifiedToken | undefined>;
  /** The accepted proofs of the key that a token is bound to. */
  readonly proofs: readonly Proof[];
  readonly users: Users;
  readonly collections: Collections;
}

const MOST_NOTES = 100;
const LONGEST_NOTE = 1000;

/** The owner of the notes: the user, or the client itself if the token has no user. */
const notesOf = ({ subject, clientID }: VerifiedToken): string =>
  subject === undefined ? `notes of the client ${clientID}` : `notes of ${subject}`;

function textOf(ctx: Context): string {
  const { text } = ((ctx.request as { body?: unknown }).body ?? {}) as { readonly text?: unknown };
  if (typeof text !== 'string' || !text || text.length > LONGEST_NOTE)
    return ctx.throw(400, `A note is { "text": "..." } of at most ${LONGEST_NOTE} characters`);
  return text;
}

export function api({ resource, verify, proofs, users, collections }: Options): Router<BearerState<VerifiedToken>> {
  const router = new Router<BearerState<VerifiedToken>>({ prefix: '/api' });
  router.use(bearer({ verify, proofs, resource, realm: 'api' }));
  router.get('/me', requireScope('profile'), (ctx) => {
    const { clientID, scope, subject } = ctx.state.token;
    const user = users.find(subject);
    ctx.body = { client: clientID, name: user?.name, ...(scope.includes('email') && { email: user?.email }) };
  });
  router.get('/notes', requireScope('notes'), async (ctx) => {
    ctx.body = { notes: [...(await collections.list(notesOf(ctx.state.token))).values()] };
  });
  router.delete('/notes', requireScope('notes:write'), requireAuthentication({ acr: PASSKEY_ACR }), async (ctx) => {
    const collection = notesOf(ctx.state.token);
    for (const place of (await collections.list(collection)).keys()) await collections.remove(collection, place);
    ctx.body = { notes: [] };
  });
  router.post('/notes', requireScope('notes:write'), bodyParser({ enableTypes: ['json'] }), async (ctx) => {
    const note = { text: textOf(ctx), at: new Date().toISOString() };
    if (!(await takePlace(collections, notesOf(ctx.state.token), MOST_NOTES, note)))
      ctx.throw(403, `There are ${MOST_NOTES} notes already`);
    ctx.status = 201;
    ctx.body = note;
  });
  return router;
}
