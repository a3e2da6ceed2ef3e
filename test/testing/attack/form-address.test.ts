/** A dialog whose secret stands in the address of its form, and in no field. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AttackTarget, runAttacks } from 'koauthorize/testing';

const CALLBACK = 'https://client.example/callback';

interface Dialog {
  readonly session: string;
  readonly target: URL;
}

const waiting = new Map<string, Dialog>();

function begin({ searchParams }: URL, session: string): string {
  const target = new URL(CALLBACK);
  target.searchParams.set('state', searchParams.get('state') ?? '');
  const id = randomUUID();
  waiting.set(id, { session, target });
  return `<form method="post" action="/decision/${id}"><button name="deny">Deny</button><button>Allow</button></form>`;
}

function decide(id: string, mayDecide: (dialog: Dialog) => boolean): string | undefined {
  const dialog = waiting.get(id);
  if (!dialog || !mayDecide(dialog)) return undefined;
  dialog.target.searchParams.set('code', randomUUID());
  return dialog.target.href;
}

/** @param asksSession whether a decision counts only in the session that the dialog was shown in */
function answer(
  request: IncomingMessage,
  response: ServerResponse,
  asksSession: (dialog: Dialog, session: string) => boolean,
) {
  const url = new URL(request.url ?? '', 'http://localhost');
  const session = /sid=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  if (url.pathname === '/login') return response.setHeader('set-cookie', `sid=${randomUUID()}`).end();
  if (url.pathname === '/token') return response.end('{"access_token":"token"}');
  if (url.pathname === '/authorize') return response.end(begin(url, session));
  const location = decide(url.pathname.slice('/decision/'.length), (dialog) => asksSession(dialog, session));
  return location ? response.writeHead(302, { location }).end() : response.writeHead(403).end();
}

async function outcomeOf(asksSession: (dialog: Dialog, session: string) => boolean): Promise<string | undefined> {
  const server = createServer((request, response) => void answer(request, response, asksSession)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target: AttackTarget = {
    issuer,
    endpoints: { authorization: `${issuer}/authorize`, token: `${issuer}/token` },
    client: { client_id: 'web', client_secret: 'only-web-knows', redirect_uri: CALLBACK },
    login: (visitor) => visitor.get(`${issuer}/login`),
  };
  const [report] = await runAttacks(target, { only: ['csrf-decision'] });
  server.close();
  return report?.outcome;
}

describe('a dialog whose secret stands in the address of its form', () => {
  it('is not answered by another site, which knows the address of its own dialog only', async () => {
    assert.equal(await outcomeOf((dialog, session) => dialog.session === session), 'withstood');
  });

  it('is answered by another site where the dialogs of all sessions can be answered', async () => {
    assert.equal(await outcomeOf(() => true), 'succeeded');
  });
});
