/** Who runs with proofs, pushed requests and JWTs: the others have none of these, or not all. */
import type { ServerEntry } from './index.js';
import { interactions } from './peers/interactions.js';

export const boundServers: readonly ServerEntry[] = [
  {
    name: 'koauthorize-bound',
    label: '**koauthorize**',
    packages: ['koauthorize', '@koa/router', 'koa-session', 'jose'],
  },
  {
    name: 'oidc-provider-bound',
    label: 'oidc-provider',
    dialog: interactions,
    notes: [
      'It asks for Node 22 or newer, and warns on Node 20.',
      'Its dialog is an interaction: four requests, before the exchange, in place of two.',
    ],
    packages: ['oidc-provider'],
  },
];

/** What ours is compared with. */
export const BOUND_BASELINE = 'oidc-provider-bound';
