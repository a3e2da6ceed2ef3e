/** `npm run bench`: every server under every workload. */
import { compare } from './compare.js';
import { BASELINE, servers } from './servers/index.js';
import { workloads } from './workloads/index.js';

await compare({ servers, workloads, baseline: BASELINE, sections: ['ratios', 'detail'] });
