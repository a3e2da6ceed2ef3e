/** oauth2orize-koa 1.3, by its source. */
import type { Library } from '../rule.js';
import { OAUTH2ORIZE_CARRIER, OAUTH2ORIZE_FRAME, OAUTH2ORIZE_SEARCHES } from './oauth2orize.js';
import { OAUTH2ORIZE_ENDPOINTS } from './oauth2orize-endpoints.js';
import { OAUTH2ORIZE_GRANTS } from './oauth2orize-grants.js';

export const oauth2orizeKoa: Library = {
  name: 'oauth2orize-koa',
  packages: ['oauth2orize-koa'],
  relatedPrefix: 'oauth2orize-',
  carrier: OAUTH2ORIZE_CARRIER,
  frame: OAUTH2ORIZE_FRAME,
  rules: [...OAUTH2ORIZE_GRANTS, ...OAUTH2ORIZE_ENDPOINTS],
  searches: [
    {
      text: 'the second callback of authorize() or authorization() (immediate), where it has one parameter',
      why: 'oauth2orize-koa gave it the client; here it is given the transaction, so that `(client) => !client.thirdParty` would allow everyone',
    },
    ...OAUTH2ORIZE_SEARCHES,
  ],
  guide: 'coming-from-oauth2orize.md',
  adopt: 'coming-over.md#oauth2orize-and-oauth2orize-koa',
};
