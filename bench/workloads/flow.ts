import { getTokens } from './requests.js';
import type { Workload } from './workload.js';

/** Authorization request, decision and exchange of the code: one operation is all of it. */
export const flow: Workload = {
  name: 'flow',
  label: 'authorize + decision + exchange',
  requests: 3,
  async prepare(http, dialog) {
    await dialog.login(http);
    return async () => {
      await getTokens(http, dialog);
    };
  },
};
