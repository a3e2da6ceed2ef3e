import { getTokens, refresh } from './requests.js';
import { readTokens, WrongAnswer } from './verify.js';
import type { Workload } from './workload.js';

/** Each refresh token is used once, and its successor kept. */
export const refreshing: Workload = {
  name: 'refresh',
  label: 'refresh',
  requests: 1,
  async prepare(http, dialog) {
    await dialog.login(http);
    let { refreshToken = '' } = await getTokens(http, dialog);
    return async () => {
      const answer = await refresh(http, refreshToken);
      const successor = readTokens(answer).refreshToken;
      if (successor === undefined || successor === refreshToken) throw new WrongAnswer('Not rotated', answer);
      refreshToken = successor;
    };
  },
};
