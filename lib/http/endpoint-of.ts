import { perRequest } from './per-request.js';

/** The endpoint that a request has reached, by its name in `createServer({ endpoints })`, such as `token`. For a request to an API it is `api`. */
export const endpointOf = perRequest<string>('endpoint');
