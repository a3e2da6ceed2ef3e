import { api, robot, SCOPE } from '../servers/clients.js';
import { basic } from './requests.js';
import { readJSON, readTokens, WrongAnswer } from './verify.js';
import type { Workload } from './workload.js';

const asAPI = basic(api);

/** An API asks about a token that another client got for itself. @see RFC 7662 §2 */
export const introspection: Workload = {
  name: 'introspection',
  label: 'introspection',
  requests: 1,
  async prepare(http) {
    const issued = await http.post('/token', `grant_type=client_credentials&scope=${SCOPE}`, basic(robot));
    const form = `token=${encodeURIComponent(readTokens(issued).accessToken)}`;
    return async () => {
      const answer = await http.post('/introspect', form, asAPI);
      const { active, client_id, exp } = readJSON(answer);
      if (active !== true || client_id !== robot.client_id || typeof exp !== 'number')
        throw new WrongAnswer("Not the robot's token", answer);
    };
  },
};
