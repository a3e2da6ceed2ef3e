import { robot, SCOPE } from '../servers/clients.js';
import { basic } from './requests.js';
import { readTokens } from './verify.js';
import type { Workload } from './workload.js';

const FORM = `grant_type=client_credentials&scope=${SCOPE}`;
const asRobot = basic(robot);

export const clientCredentials: Workload = {
  name: 'client-credentials',
  label: 'client credentials',
  requests: 1,
  async prepare(http) {
    return async () => {
      readTokens(await http.post('/token', FORM, asRobot));
    };
  },
};
