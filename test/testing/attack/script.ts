/** A server of a few lines for each attack: it says what its script says, and keeps nothing. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attacks } from '../../../lib/testing/attack/attacks.js';
import { openContext } from '../../../lib/testing/attack/context.js';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

/** What it answers: to an authorization request, to its form, and at the token endpoint. */
export interface Script {
  authorize(params: URLSearchParams): Answer;
  decide?(params: URLSearchParams, cookie: string | undefined): Answer;
  token?(params: URLSearchParams): Answer;
  /** Is told the headers of each form that is sent. */
  hears?(headers: IncomingHttpHeaders): void;
}

export const CALLBACK = 'https://client.example/cb';
export const FORM =
  '<form method="post" action="/decision"><input name="transaction_id" value="t"><button>Allow</button></form>';
export const HTML = { 'content-type': 'text/html' };

export const to = (location: string): Answer => ({ status: 303, headers: { location } });
export const refused: Answer = { status: 400, headers: HTML, body: 'No' };
export const dialog = (more: Answer = {}): Answer => ({ body: FORM, ...more, headers: { ...HTML, ...more.headers } });

async function serve(script: Script): Promise<Server> {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://here');
    if (request.method === 'POST') script.hears?.(request.headers);
    let body = '';
    for await (const chunk of request) body += chunk;
    const { status = 200, ...answer } =
      url.pathname === '/authorize'
        ? script.authorize(url.searchParams)
        : ((url.pathname === '/token' ? script.token : script.decide)?.(
            new URLSearchParams(body),
            request.headers.cookie,
          ) ?? refused);
    response.writeHead(status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** The outcome of one attack, with what it says. */
export async function outcome(name: string, script: Script, scope?: string): Promise<string> {
  const server = await serve(script);
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const context = await openContext({
      issuer,
      endpoints: { authorization: `${issuer}/authorize`, token: `${issuer}/token` },
      client: { client_id: 'web', client_secret: 'secret', redirect_uri: CALLBACK, scope },
      login: () => {},
    });
    const result = await attacks.find((attack) => attack.name === name)?.run(context);
    return `${result?.outcome} ${result?.detail ?? ''}`.trim();
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
