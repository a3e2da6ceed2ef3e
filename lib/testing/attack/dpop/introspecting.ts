/** Attacks on an API that learns the binding of a token from the introspection endpoint. */
import { BEARER } from '../../../syntax/token-type.js';
import { skipped, succeeded, withstood } from '../attack.js';
import { type Page, send } from '../http.js';
import { athOf, changed, dpopAttack, good, type Prover, requireTaken } from './prover.js';

type Try = readonly [what: string, ask: (prover: Prover, url: string, token: string) => Promise<Page>];

const HOUR = 3600;

const asBearer: Try['1'] = (_prover, url, token) => send(url, { headers: { authorization: `${BEARER} ${token}` } });

const withoutProof: Try['1'] = (_prover, url, token) => send(url, { headers: { authorization: `DPoP ${token}` } });

const byAnotherKey: Try['1'] = async (prover, url, token) => (await prover.another()).ask(url, token);

/** Uses a proof twice; the first use is honest. @throws Error if the first use is refused */
const replayed: Try['1'] = async (prover, url, token) => {
  const proof = await prover.proof('GET', url, good, token);
  requireTaken((await prover.askWith(url, token, proof)).status, url);
  return prover.askWith(url, token, proof);
};

const wrong =
  (claims: Parameters<typeof changed>[0]): Try['1'] =>
  (prover, url, token) =>
    prover.ask(url, token, changed(claims));

const tries = (): readonly Try[] => [
  ['as a bearer token', asBearer],
  ['without a proof', withoutProof],
  ['with a proof of another key', byAnotherKey],
  ['with a proof that was used before', replayed],
  ['with a proof for another access token', wrong({ ath: athOf('another') })],
  ['with a proof for no access token', wrong({ ath: undefined })],
  ['with a proof for another method', wrong({ htm: 'POST' })],
  ['with a proof for another server', wrong({ htu: 'https://other-api.example/' })],
  ['with a proof of an hour ago', wrong({ iat: Math.floor(Date.now() / 1000) - HOUR })],
];

export const dpopAtIntrospectingAPI = dpopAttack(
  {
    name: 'dpop-at-introspecting-api',
    title: 'an API that learns by introspection what a token is bound to accepts it without a valid proof of the key',
    clause: 'RFC 9449 §4.3, §6.2, §7.1',
  },
  async (prover, { endpoints, target }) => {
    const { introspecting_resource: url } = endpoints;
    if (url === undefined) return skipped('there is no introspecting_resource');
    const { access_token: token } = await prover.obtainTokens(target.client);
    requireTaken((await prover.ask(url, token)).status, url);
    for (const [what, ask] of tries())
      if ((await ask(prover, url, token)).status === 200) return succeeded(`it was taken ${what}`);
    return withstood;
  },
);
