/** One request, or one call of the application's, as it is made to a process, and what is seen of it. */
import assert from 'node:assert/strict';
import { StoreUnavailableError } from 'koauthorize/tokens';
import { type App, VERIFIER } from '../support/authorization-server.js';
import { CLIENTS, type Process } from './process.js';
import { scopeAsked } from './refresh.js';
import { current, type Note } from './stage.js';
import type { Asked, Seen } from './steps.js';

const WRONG_VERIFIER = 'w'.repeat(43);

async function post(process: Process, path: string, { clientID }: Asked, form: Record<string, string | undefined>) {
  const { status, body } = await process.post(path, clientID, form);
  return { status, body };
}

const ASK: Readonly<Record<Asked['deed'], (process: Process, asked: Asked) => Promise<unknown>>> = {
  exchange(process, asked) {
    const client = CLIENTS.find(({ client_id }) => client_id === asked.family.clientID);
    return post(process, '/token', asked, {
      grant_type: 'authorization_code',
      code: asked.token,
      redirect_uri: client?.redirect_uris[0],
      code_verifier: asked.verifier === 'right' ? VERIFIER : WRONG_VERIFIER,
    });
  },
  refresh: (process, asked) =>
    post(process, '/token', asked, {
      grant_type: 'refresh_token',
      refresh_token: asked.token,
      scope: scopeAsked(asked.scope, asked.family),
    }),
  revoke: (process, asked) => post(process, '/revoke', asked, { token: asked.token }),
  introspect: (process, asked) => post(process, '/introspect', asked, { token: asked.token }),
  verify: async ({ tokens }, { token }) => (await tokens.verify(token)) ?? 'nothing',
  async list({ tokens }, { family: { id, subject } }) {
    const all = await tokens.listAuthorizations({ id: subject, name: '' });
    const rows = all.filter(({ authorizationID }) => authorizationID === id);
    return rows.length > 1 ? rows : (rows[0] ?? 'nothing');
  },
  end: ({ tokens }, { by, family: { id, subject } }) =>
    tokens.revokeAuthorization({ id: by === 'owner' ? subject : `not ${subject}`, name: '' }, id),
  endAll({ tokens }, { by, family: { subject, clientID } }) {
    const user = { id: subject, name: '' };
    const client = CLIENTS.find(({ client_id }) => client_id === clientID) as App;
    return tokens.revokeAll(by === 'owner' ? { user } : by === 'other' ? { client } : { user, client });
  },
};

/** Only these answers are missed by anybody. */
const LOST: Partial<typeof ASK> = { exchange: ASK.exchange, refresh: ASK.refresh };

const UNAVAILABLE = 'unavailable';

/** The answer as plain JSON; a store's failure in one word, whichever way it was told. */
async function answerOf(ask: () => Promise<unknown>): Promise<unknown> {
  try {
    const answer: unknown = JSON.parse(JSON.stringify(await ask()));
    const isUnavailable = (answer as { readonly status?: unknown }).status === 503;
    return isUnavailable ? UNAVAILABLE : answer;
  } catch (error) {
    if (error instanceof StoreUnavailableError) return UNAVAILABLE;
    throw error;
  }
}

/** @param isDead whether the process has died meanwhile: then nobody was answered */
export async function perform(process: Process, asked: Asked, isDead: () => boolean): Promise<Seen> {
  const note: Note = { events: [] };
  const answer = await current.run(note, () => answerOf(() => ASK[asked.deed](process, asked)));
  const { events, broke, isVoid } = note;
  if (isDead()) return { events };
  if (broke !== undefined) {
    assert.equal(answer, UNAVAILABLE, 'a store that fails is never a yes or a no');
    return { events, broke, ...(isVoid && { isVoid }) };
  }
  return asked.lost && asked.deed in LOST ? { events, isLost: true } : { events, answer };
}
