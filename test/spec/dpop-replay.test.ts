/**
 * Several processes over one store: each DPoP proof is good once (RFC 9449 §11.1), and each pushed request gets one code (RFC 9126 §4, §7.3).
 * `DPOP_TRIES=10000` is how many replays CI tries of each on lmdb, and a tenth of it on the servers; `DPOP_TRIES=100000` is for a long run.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledProgram } from '../compile.js';
import { CHALLENGE } from '../support/authorization-server.js';
import { type ClientKey, clientKey, proofFor } from '../support/dpop.js';
import { API, AS, SERVICE } from '../support/dpop-server.js';
import { skipStore } from '../support/missing-server.js';
import { startPostgres } from '../support/postgres.js';
import { startRedis } from '../support/redis.js';

const PROCESSES = 3;
/** Proofs that are in the air at once. */
const BATCH = 10;

const inBatches = (count: number): number => Math.ceil(count / BATCH) * BATCH;

/** Each is sent to every process at once: one may take it, and the others are replays. */
const PROOFS = inBatches(Number(process.env['DPOP_TRIES'] ?? 120) / (PROCESSES - 1));

const agent = new Agent({ keepAlive: true });

interface Place {
  /** What the workers are told. */
  readonly place: string;
  remove(): unknown;
}

async function lmdb(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-dpop-'));
  return { place: join(directory, 'tokens'), remove: () => rmSync(directory, { recursive: true, force: true }) };
}

async function postgres(): Promise<Place | undefined> {
  const server = await startPostgres();
  return server && { place: JSON.stringify(server.config), remove: () => server.remove() };
}

async function redis(): Promise<Place | undefined> {
  const server = await startRedis();
  return server && { place: server.urls[0] ?? '', remove: () => server.remove() };
}

const tenth = inBatches(PROOFS / 10);
const STORES: readonly (readonly [name: string, proofs: number, open: () => Promise<Place | undefined>])[] = [
  ['lmdb', PROOFS, lmdb],
  ['PostgreSQL', tenth, postgres],
  ['Redis', tenth, redis],
];

interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Readonly<Record<string, string>>;
}

function send(port: number, path: string, headers: Record<string, string>, form?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method: form ? 'POST' : 'GET', headers, agent });
    sent.on('error', reject).on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      const body = text.startsWith('{') ? JSON.parse(text) : {};
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    sent.end(form);
  });
}

const FORM = 'grant_type=client_credentials';
const basic = `Basic ${Buffer.from(`${SERVICE.client_id}:${SERVICE['client_secret']}`).toString('base64')}`;
const form = { Authorization: basic, 'Content-Type': 'application/x-www-form-urlencoded' };

/** How often each number of processes took what was sent to all of them at once. */
async function raceAll(proofs: number, one: () => Promise<number>): Promise<Record<number, number>> {
  const taken: Record<number, number> = {};
  for (let made = 0; made < proofs; made += BATCH)
    for (const count of await Promise.all(Array.from({ length: BATCH }, one))) taken[count] = (taken[count] ?? 0) + 1;
  return taken;
}

for (const [name, proofs, open] of STORES) {
  describe(`RFC 9449 §11.1, RFC 9126 §4: replays at several processes over ${name}`, function () {
    this.timeout(120_000 + proofs * 100);
    const workers: ChildProcess[] = [];
    const ports: number[] = [];
    let opened: Place | undefined;
    let key: ClientKey;
    before(async function () {
      opened = await open();
      if (!opened) return skipStore(this, name);
      key = await clientKey();
      const program = await compiledProgram('test/support/dpop-worker.ts');
      for (let count = 0; count < PROCESSES; count += 1) {
        const worker = fork(program, { execArgv: [], env: { ...process.env, DPOP_STORE: opened.place } });
        workers.push(worker);
        ports.push((await once(worker, 'message'))[0]);
      }
    });
    after(async () => {
      for (const worker of workers) worker.kill('SIGKILL');
      agent.destroy();
      await opened?.remove();
    });

    /** One proof, sent to every process at once. @returns how many took it */
    const race = async (sendTo: (port: number, proof: string) => Promise<Answer>, proof: string): Promise<number> => {
      const answers = await Promise.all(ports.map((port) => sendTo(port, proof)));
      for (const { status, body } of answers) if (status !== 200) assert.equal(body['error'], 'invalid_dpop_proof');
      return answers.filter(({ status }) => status === 200).length;
    };

    it('of many tries none is a second time let in, at the token endpoint and at an API', async () => {
      const proof = () => proofFor(key, { url: `${AS}/token` });
      const atToken = (port: number, DPoP: string) => send(port, '/token', { ...form, DPoP }, FORM);
      assert.deepEqual(await raceAll(proofs, async () => race(atToken, await proof())), { 1: proofs });
      const token = (await atToken(ports[0] ?? 0, await proof())).body['access_token'] ?? '';
      const atAPI = (port: number, DPoP: string) => send(port, '/notes', { Authorization: `DPoP ${token}`, DPoP });
      const target = { method: 'GET', url: `${API}/notes`, token };
      assert.deepEqual(await raceAll(proofs, async () => race(atAPI, await proofFor(key, target))), { 1: proofs });
    });

    it('of a pushed request that is answered at every process at once, one gets a code', async () => {
      const pushing = `response_type=code&client_id=${SERVICE.client_id}&code_challenge=${CHALLENGE}&code_challenge_method=S256`;
      const one = async (): Promise<number> => {
        const { body } = await send(ports[0] ?? 0, '/par', form, pushing);
        const query = new URLSearchParams({ client_id: SERVICE.client_id, request_uri: body['request_uri'] ?? '' });
        const answers = await Promise.all(ports.map((port) => send(port, `/authorize?${query}`, {})));
        return answers.filter(({ headers }) => /[?&]code=/.test(String(headers['location']))).length;
      };
      assert.deepEqual(await raceAll(proofs, one), { 1: proofs });
    });
  });
}
