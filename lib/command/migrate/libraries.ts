/** The libraries that `migrate` knows. */
import type { Library } from './rule.js';
import { jmondi } from './rules/jmondi.js';
import { nodeOAuth } from './rules/node-oauth.js';
import { oauth2orize } from './rules/oauth2orize.js';
import { oauth2orizeKoa } from './rules/oauth2orize-koa.js';
import { oidcProvider } from './rules/oidc-provider.js';

export const LIBRARIES: readonly Library[] = [oauth2orize, oauth2orizeKoa, jmondi, nodeOAuth, oidcProvider];
