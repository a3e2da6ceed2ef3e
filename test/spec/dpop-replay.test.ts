/** RFC 9449 §11.1 in several processes: each proof is good once. `DPOP_TRIES=100000` for a long run. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientKey, clientKey, proofFor } from '../support/dpop.js';
import { API, AS, SERVICE } from '../support/dpop-server.js';

const TRIES = Number(process.env['DPOP_TRIES'] ?? 60);
const PROCESSES = 3;
/** Proofs that are in the air at once. */
const BATCH = 10;

const module = new URL('../support/dpop-worker.ts', import.meta.url);
const agent = new Agent({ keepAlive: true });

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

function send(port: number, path: string, headers: Record<string, string>, form?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method: form ? 'POST' : 'GET', headers, agent });
    sent.on('error', reject).on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
    });
    sent.end(form);
  });
}

describe('RFC 9449 §11.1: replays at several processes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-dpop-'));
  const workers: ChildProcess[] = [];
  const ports: number[] = [];
  let key: ClientKey;
  before(async function () {
    this.timeout(60_000);
    const env = { ...process.env, DPOP_STORE: join(directory, 'tokens') };
    key = await clientKey();
    for (let count = 0; count < PROCESSES; count += 1) {
      const worker = fork(module, { env });
      workers.push(worker);
      ports.push((await once(worker, 'message'))[0]);
    }
  });
  after(() => {
    for (const worker of workers) worker.kill('SIGKILL');
    agent.destroy();
    rmSync(directory, { recursive: true, force: true });
  });

  const FORM = 'grant_type=client_credentials';
  const basic = `Basic ${Buffer.from(`${SERVICE.client_id}:${SERVICE['client_secret']}`).toString('base64')}`;
  const form = { Authorization: basic, 'Content-Type': 'application/x-www-form-urlencoded' };

  /** One proof, sent to every process at once. @returns how many took it */
  const race = async (sendTo: (port: number, proof: string) => Promise<Answer>, proof: string): Promise<number> => {
    const answers = await Promise.all(ports.map((port) => sendTo(port, proof)));
    for (const { status, body } of answers) if (status !== 200) assert.equal(body['error'], 'invalid_dpop_proof');
    return answers.filter(({ status }) => status === 200).length;
  };
  /** How often each number of processes took one proof. */
  const raceAll = async (one: () => Promise<number>): Promise<Record<number, number>> => {
    const taken: Record<number, number> = {};
    for (let tries = 0; tries < TRIES; tries += BATCH) {
      for (const count of await Promise.all(Array.from({ length: BATCH }, one))) taken[count] = (taken[count] ?? 0) + 1;
    }
    return taken;
  };

  it('of many tries none is a second time let in, by three processes over one store', async function () {
    this.timeout(60_000 + TRIES * 100);
    const atToken = (port: number, proof: string) => send(port, '/token', { ...form, DPoP: proof }, FORM);
    const tokens = await raceAll(async () => race(atToken, await proofFor(key, { url: `${AS}/token` })));
    assert.deepEqual(tokens, { 1: TRIES });

    const first = await send(
      ports[0] ?? 0,
      '/token',
      { ...form, DPoP: await proofFor(key, { url: `${AS}/token` }) },
      FORM,
    );
    const token = first.body['access_token'] ?? '';
    const atAPI = (port: number, proof: string) =>
      send(port, '/notes', { Authorization: `DPoP ${token}`, DPoP: proof });
    const url = `${API}/notes`;
    assert.deepEqual(await raceAll(async () => race(atAPI, await proofFor(key, { method: 'GET', url, token }))), {
      1: TRIES,
    });
  });
});
