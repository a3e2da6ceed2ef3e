import { robot, SCOPE } from '../servers/clients.js';
import { Prover } from './proof.js';
import { basic } from './requests.js';
import { readTokens } from './verify.js';
import type { Workload } from './workload.js';

const FORM = `grant_type=client_credentials&scope=${SCOPE}`;
const asRobot = basic(robot);

/** A token that is bound to a key: each request has a proof that nobody has seen before. */
export const dpopClientCredentials: Workload = {
  name: 'dpop-client-credentials',
  label: 'client credentials, DPoP (ES256)',
  requests: 1,
  async prepare(http) {
    const prover = new Prover();
    return async () => {
      readTokens(await http.post('/token', FORM, { ...asRobot, ...prover.proofFor('/token') }), 'DPoP');
    };
  },
};
