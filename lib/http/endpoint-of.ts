import { perRequest } from './per-request.js';

/** The endpoint that a request has reached, by the name that `createServer({ endpoints })` has for it: `token`, or `authorization`. An API is `api`. */
export const endpointOf = perRequest<string>('endpoint');
