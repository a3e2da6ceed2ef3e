/** `node bench/dist/bench/bound.js`: DPoP, pushed requests and JWT access tokens, beside oidc-provider. */
import { compare } from './compare.js';
import { type Refusals, requireRefused } from './preflight.js';
import { BOUND_BASELINE, boundServers } from './servers/bound.js';
import { robot, secretOf } from './servers/clients.js';
import { dpopClientCredentials } from './workloads/dpop-client-credentials.js';
import { jwtAccessTokens } from './workloads/jwt.js';
import { Prover } from './workloads/proof.js';
import { getPushedCode, pushedFlow } from './workloads/pushed-flow.js';
import { basic, exchangeCode } from './workloads/requests.js';
import { readTokens } from './workloads/verify.js';

const FORM = 'grant_type=client_credentials';

const refusals: Refusals = {
  async 'wrong secret'(http) {
    const wrong = basic({ client_id: robot.client_id, client_secret: secretOf('nobody') });
    requireRefused(await http.post('/token', FORM, { ...wrong, ...new Prover().proofFor('/token') }));
  },
  async 'proof used twice'(http) {
    const headers = { ...basic(robot), ...new Prover().proofFor('/token') };
    readTokens(await http.post('/token', FORM, headers), 'DPoP');
    requireRefused(await http.post('/token', FORM, headers));
  },
  async 'proof for another URL'(http) {
    requireRefused(await http.post('/token', FORM, { ...basic(robot), ...new Prover().proofFor('/other') }));
  },
  async 'code of another key'(http, dialog) {
    const coded = await getPushedCode(http, dialog, new Prover());
    requireRefused(await exchangeCode(http, coded, new Prover().proofFor('/token')));
  },
  async 'wrong verifier'(http, dialog) {
    const prover = new Prover();
    const { code } = await getPushedCode(http, dialog, prover);
    requireRefused(await exchangeCode(http, { code, verifier: secretOf('nobody') }, prover.proofFor('/token')));
  },
};

await compare({
  servers: boundServers,
  workloads: [dpopClientCredentials, jwtAccessTokens, pushedFlow],
  baseline: BOUND_BASELINE,
  refusals,
  sections: [['bound', 'bound-detail']],
});
