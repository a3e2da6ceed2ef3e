import { bearer } from './bearer.js';
import { clientCredentials } from './client-credentials.js';
import { flow } from './flow.js';
import { introspection } from './introspection.js';
import { refreshing } from './refresh.js';
import type { Workload } from './workload.js';

export const workloads: readonly Workload[] = [clientCredentials, bearer, introspection, flow, refreshing];
