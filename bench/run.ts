/** `npm run bench`: every server under every workload; `npm run bench -- exams`: every server in the exams. */
import { compare } from './compare.js';
import { BASELINE, servers } from './servers/index.js';
import { workloads } from './workloads/index.js';

const sections = [
  ['ratios', 'detail'],
  ['other-node', 'other-node-detail'],
] as const;

if (process.argv.includes('exams')) await import('./exams/run.js');
else await compare({ servers, workloads, baseline: BASELINE, sections });
