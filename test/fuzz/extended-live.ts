/** Values that count where everything is plugged in: `{{object:web!{...}}}`, whose JSON is escaped, is a signed request of that client's. */
import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { signed } from '../support/assertions.js';
import { ISSUER } from '../support/authorization-server.js';
import type { Door } from './campaign.js';
import { ASKED } from './ciba-live.js';
import { type FuzzClient, signingKey } from './clients.js';
import type { Draft } from './draft.js';
import { getting, type Members, posting } from './drafting.js';
import { grantMakers } from './grants-live.js';
import { STATE } from './judge-authorization.js';
import { CHALLENGE, type Live, type Makers, VERIFIER } from './live.js';
import { render } from './render.js';

const { kty, crv, x, y } = signingKey;

type Some = Readonly<Record<string, unknown>>;

/** A mark with more in it: what is said otherwise than in a good one. */
export const mark = (kind: string, name: string, more: Some = {}): string =>
  `{{${kind}:${name}!${encodeURIComponent(JSON.stringify(more)).replaceAll('!', '%21')}}}`;

function moreIn(name: string): Some {
  const [, json = '{}'] = name.split('!');
  return JSON.parse(decodeURIComponent(json)) as Some;
}

export const requestOf = ({
  client_id,
  redirect_uris: [redirect_uri = ''],
}: Pick<FuzzClient, 'client_id' | 'redirect_uris'>) => ({
  response_type: 'code',
  client_id,
  redirect_uri,
  scope: 'openid read instant',
  state: STATE,
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
});

function textsIn(params: Some): Members {
  const texts = Object.entries(params).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(texts) as Members;
}

const identifying = ({ client_id, token_endpoint_auth_method: method }: FuzzClient): readonly [Members, Members] =>
  method === 'none' ? [{ client_id }, {}] : [{}, { Authorization: `{{basic:${client_id}}}` }];

export const makersOf =
  ({ house, wire }: Door) =>
  (live: Live): Makers => {
    const send = async (draft: Draft) => {
      const [answer] = (await wire.send(await render(draft, live))).answers;
      return answer ?? { status: 0, text: '', get: () => undefined, all: () => [] };
    };
    /** What a client is answered at an endpoint; what was refused is nobody's value. */
    const ask = async (path: string, client: FuzzClient, form: Members): Promise<Some> => {
      const [known, headers] = identifying(client);
      const { text, get } = await send(posting(path, { ...form, ...known }, headers));
      return { ...(JSON.parse(text) as Some), asked: get(ASKED.toLowerCase()) };
    };
    const codeOf = async (client: FuzzClient, more: Some): Promise<string> => {
      const answer = await send(getting('/authorize', textsIn({ ...requestOf(client), ...more })));
      return new URL(answer.get('location') ?? ISSUER).searchParams.get('code') ?? 'no code';
    };
    const tokensOf = async (client: FuzzClient, more: Some): Promise<Some> => {
      const code = await codeOf(client, more);
      const { redirect_uri } = requestOf(client);
      return ask('/token', client, { grant_type: 'authorization_code', code, redirect_uri, code_verifier: VERIFIER });
    };
    const { now } = house.clock;
    return {
      ...grantMakers({ now, send, ask, moreIn }),
      code: (name, client) => codeOf(client, moreIn(name)),
      refresh: async (name, client) => String((await tokensOf(client, moreIn(name)))['refresh_token']),
      access: async (name, client) => String((await tokensOf(client, moreIn(name)))['access_token']),
      idtoken: async (name, client) => String((await tokensOf(client, moreIn(name)))['id_token']),
      pushed: async (name, client) =>
        String((await ask('/par', client, textsIn({ ...requestOf(client), ...moreIn(name) })))['request_uri']),
      async object(name, client) {
        const { header = {}, ...claims } = moreIn(name);
        const about = { iss: client.client_id, aud: ISSUER, iat: now, nbf: now, exp: now + 300 };
        const all = { alg: 'ES256', kid: 'one', typ: 'oauth-authz-req+jwt', ...(header as object) };
        return signed(signingKey, all, { ...about, ...requestOf(client), ...claims });
      },
      async proof(name) {
        const { header = {}, path = '/token', ...claims } = moreIn(name);
        const about = { jti: randomUUID(), htm: 'POST', htu: `${ISSUER}${path}`, iat: now };
        const all = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y }, ...(header as object) };
        return signed(signingKey, all, { ...about, ...claims });
      },
      jkt: () => calculateJwkThumbprint(signingKey),
    };
  };
