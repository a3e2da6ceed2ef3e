/** The token service over a store, as `growth.ts` has it. */
import type { TokenStore } from 'koauthorize/tokens';
import { connect, issueToRobot, refresh, serviceOf, verify } from '../growth/subject.js';
import type { Contestant } from './contestant.js';

let users = 0;

export function toolkit(store: TokenStore): Contestant {
  const tokens = serviceOf(store);
  const newPair = () => connect(tokens, `user ${users++}`);
  return {
    operations: {
      'client credentials': async () => () => issueToRobot(tokens),
      async verify() {
        const pair = await newPair();
        return () => verify(tokens, pair);
      },
      async refresh() {
        let pair = await newPair();
        return async () => {
          pair = await refresh(tokens, pair);
        };
      },
    },
    close: () => store.close(),
  };
}
