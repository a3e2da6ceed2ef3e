import { alice } from '../servers/clients.js';
import { getTokens } from './requests.js';
import { readJSON, WrongAnswer } from './verify.js';
import type { Workload } from './workload.js';

/** An API's route asks who is calling. */
export const bearer: Workload = {
  name: 'bearer',
  label: 'bearer',
  requests: 1,
  async prepare(http, dialog) {
    await dialog.login(http);
    const { bearerScope: scope } = dialog;
    const { accessToken } = await getTokens(http, scope === undefined ? dialog : { ...dialog, scope });
    const headers = { authorization: `Bearer ${accessToken}` };
    return async () => {
      const answer = await http.get('/me', headers);
      const { sub } = readJSON(answer);
      if (sub !== alice.id) throw new WrongAnswer('Not alice', answer);
    };
  },
};
