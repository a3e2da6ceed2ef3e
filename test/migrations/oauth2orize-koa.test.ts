/** An application of oauth2orize-koa is replaced, over its own tables, by one of ours: in two ways, of which each is a file below `after`. */

import { withLibrary } from './libraries.js';
import { testMove } from './move.js';

withLibrary('oauth2orize-koa', () => {
  const move = {
    before: 'oauth2orize-koa/before/server.js',
    web: 'unchallenged',
    dialog: 'answered',
    me: { name: 'Alice', scope: ['read', 'write'] },
  } as const;
  const service = 'oauth2orize-koa/after/token-service.ts';
  testMove('moved to the token service', { ...move, after: service, noticesReplay: true });
  const own = 'oauth2orize-koa/after/own-tables.ts';
  testMove('moved, with its own tables in the checked form', { ...move, after: own, noticesReplay: false });
});
