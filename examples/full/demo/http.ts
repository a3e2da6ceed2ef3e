/** Calls the server over HTTP, as from another machine, and records request and response. */
import type { JWK } from 'jose';
import { proofFor } from './dpop.js';
import type { Rule } from './rules.js';
import { showHeader, showJSON, showParams } from './show.js';
import { note, type Step, type Visit } from './visit.js';

export interface Call {
  readonly title: string;
  readonly why: string;
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: object;
  /** The key that signs a proof for this request. */
  readonly key?: JWK | undefined;
  readonly by?: Step['by'];
  /** The protection that the answer demonstrates. */
  readonly rule?: (answer: Answer) => Rule | undefined;
}

export interface Answer {
  readonly status: number;
  readonly ok: boolean;
  /** The challenge of an API that refuses the request. */
  readonly challenge: string;
  readonly json: Readonly<Record<string, unknown>>;
}

const MILLISECONDS = 10_000;

async function read(response: Response): Promise<Answer> {
  const { status, ok } = response;
  const json: unknown = await response.json().catch(() => undefined);
  const challenge = response.headers.get('www-authenticate') ?? '';
  return { status, ok, challenge, json: typeof json === 'object' && json !== null ? (json as Answer['json']) : {} };
}

function bodyOf({ form, json }: Call): { readonly body?: string | URLSearchParams; readonly shown: string } {
  if (form) {
    const body = new URLSearchParams(form);
    return { body, shown: `\n\n${showParams(body)}` };
  }
  return json ? { body: JSON.stringify(json), shown: `\n\n${showJSON(json)}` } : { shown: '' };
}

export async function call(visit: Visit, request: Call): Promise<Answer> {
  const { title, why, url, method = 'GET', headers = {}, key, by, rule } = request;
  const { body, shown } = bodyOf(request);
  const proof = key && (await proofFor(key, { method, url, authorization: headers['Authorization'] }));
  const sent = {
    ...headers,
    ...(proof && { DPoP: proof.jwt }),
    ...(request.json && { 'Content-Type': 'application/json' }),
  };
  const signal = AbortSignal.timeout(MILLISECONDS);
  const init = { method, headers: sent, redirect: 'error', signal, ...(body && { body }) } as const;
  const response = await fetch(url, init).catch((cause: unknown) => {
    throw new Error(`Nobody answers at ${url}.`, { cause });
  });
  const answer = await read(response);
  const said = Object.entries(sent).map(([name, text]) => `\n${showHeader(name, text)}`);
  const status = `${response.status} ${response.statusText}${answer.challenge ? `\nWWW-Authenticate: ${answer.challenge}` : ''}`;
  const content = Object.keys(answer.json).length > 0 ? `\n\n${showJSON(answer.json)}` : '';
  const says = [
    { label: 'Request', text: `${method} ${url}${said.join('')}${shown}` },
    ...(proof ? [{ label: 'What the proof says', text: showJSON(proof.claims) }] : []),
    { label: 'Answer', text: status + content },
  ];
  note(visit, { title, why, by, says, outcome: answer.ok ? 'done' : 'refused', rule: rule?.(answer) });
  return answer;
}
