/** What dialogs that were never answered cost those that are, in a browser's session that is a cookie. */
import { createHash, randomBytes } from 'node:crypto';
import { type ServerProcess, startServer } from '../server-process.js';
import { REDIRECT_URI, SCOPE } from '../servers/clients.js';
import { connectTo } from '../workloads/connect-to.js';
import type { Answer, Connection } from '../workloads/connection.js';
import { queryOf } from '../workloads/dialog.js';
import { readJSON, requireStatus, WrongAnswer } from '../workloads/verify.js';
import { median } from './cost.js';

/** Browsers at once. */
const BROWSERS = 8;

type Cookies = ReadonlyMap<string, string>;

export interface SessionCost {
  readonly abandoned: number;
  /** How many of them can still be answered. */
  readonly waiting: number;
  /** Bytes of the request's Cookie header. */
  readonly cookie: number;
  /** Microseconds of the server's CPU for one authorization request and its decision. */
  readonly cpu: number;
  /** What the first of them gets when it is answered after all, and the last. */
  readonly first: number | undefined;
  readonly last: number | undefined;
}

export interface SessionEffort {
  readonly rounds: number;
  readonly operations: number;
}

function headerOf(cookies: Cookies): Record<string, string> {
  return { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
}

function keeping(cookies: Cookies, { headers }: Answer): Cookies {
  const pairs = (headers['set-cookie'] ?? []).map((cookie) => /^([^=]*)=([^;]*)/.exec(cookie));
  return new Map([...cookies, ...pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? ''] as const)]);
}

interface Asked {
  readonly cookies: Cookies;
  readonly transactionID: string;
}

async function ask(http: Connection, cookies: Cookies): Promise<Asked> {
  const codeChallenge = createHash('sha256').update(randomBytes(32)).digest('base64url');
  const query = queryOf({ state: randomBytes(16).toString('base64url'), codeChallenge, scope: SCOPE });
  const answer = await http.get(`/authorize?${query}`, headerOf(cookies));
  return { cookies: keeping(cookies, answer), transactionID: String(readJSON(answer)['transaction_id']) };
}

function decide(http: Connection, { cookies, transactionID }: Asked): Promise<Answer> {
  return http.post('/decision', `transaction_id=${encodeURIComponent(transactionID)}`, headerOf(cookies));
}

/** @throws WrongAnswer where the browser is not sent to the client with a code */
async function connect(http: Connection, cookies: Cookies): Promise<void> {
  const answer = await decide(http, await ask(http, cookies));
  requireStatus(answer, 302, 303);
  if (!answer.headers.location?.startsWith(`${REDIRECT_URI}?code=`)) throw new WrongAnswer('Sent elsewhere', answer);
}

async function usedBy(server: ServerProcess): Promise<number> {
  const { user, system } = (await server.ask('usage')).cpu;
  return user + system;
}

/** The browser shows the same cookie again each time, so that as many are waiting at the last as at the first. */
async function cpuOf(server: ServerProcess, cookies: Cookies, operations: number): Promise<number> {
  const browsers = Array.from({ length: BROWSERS }, () => connectTo(server.origin));
  const before = await usedBy(server);
  const work = async (http: Connection): Promise<void> => {
    for (let i = 0; i < operations / BROWSERS; i++) await connect(http, cookies);
  };
  await Promise.all(browsers.map(work));
  const after = await usedBy(server);
  await Promise.all(browsers.map((http) => http.close()));
  return (after - before) / operations;
}

async function statusOf(http: Connection, cookies: Cookies, transactionID: string | undefined) {
  return transactionID === undefined ? undefined : (await decide(http, { cookies, transactionID })).status;
}

interface Browser {
  readonly abandoned: number;
  readonly cookies: Cookies;
  readonly transactionIDs: readonly string[];
}

/** A browser with an account, whose user opened so many dialogs and answered none. */
async function browserWith(http: Connection, abandoned: number): Promise<Browser> {
  let cookies = keeping(new Map(), await http.get('/login'));
  const transactionIDs: string[] = [];
  for (let i = 0; i < abandoned; i++) {
    const asked = await ask(http, cookies);
    cookies = asked.cookies;
    transactionIDs.push(asked.transactionID);
  }
  return { abandoned, cookies, transactionIDs };
}

async function describe(http: Connection, { abandoned, cookies, transactionIDs }: Browser, cpu: number) {
  const statuses: (number | undefined)[] = [];
  for (const transactionID of transactionIDs) statuses.push(await statusOf(http, cookies, transactionID));
  const waiting = statuses.filter((status) => status === 302 || status === 303).length;
  const cookie = headerOf(cookies)['cookie']?.length ?? 0;
  return { abandoned, waiting, cookie, cpu, first: statuses.at(0), last: statuses.at(-1) };
}

export async function measureSession(
  numbers: readonly number[],
  { rounds, operations }: SessionEffort,
): Promise<readonly SessionCost[]> {
  const server = await startServer('koauthorize');
  const http = connectTo(server.origin);
  try {
    const browsers: Browser[] = [];
    for (const abandoned of numbers) browsers.push(await browserWith(http, abandoned));
    const costs = browsers.map((): number[] => []);
    for (let round = -1; round < rounds; round++) {
      for (const [i, { cookies }] of browsers.entries()) {
        const cpu = await cpuOf(server, cookies, operations);
        if (round >= 0) costs[i]?.push(cpu); // the round before the first warms up
      }
    }
    const described: SessionCost[] = [];
    for (const [i, browser] of browsers.entries())
      described.push(await describe(http, browser, median(costs[i] ?? [])));
    return described;
  } finally {
    await http.close();
    await server.stop();
  }
}
