/** An application of @jmondi/oauth2-server is replaced, over its own tables, by one of ours. */
import { withLibrary } from './libraries.js';
import { testMove } from './move.js';

withLibrary('@jmondi/oauth2-server', () => {
  testMove('moved to the token service, with the claims of its JWTs', {
    before: 'jmondi-oauth2-server/before/server.js',
    after: 'jmondi-oauth2-server/after/server.ts',
    web: 'challenged',
    me: { name: 'Alice', plan: 'gold', scope: ['read', 'write'] },
    dialog: 'shown again',
    noticesReplay: true,
  });
});
