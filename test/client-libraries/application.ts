/** An application of Express or of plain Node, on a port of its own. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

type Next = (error?: unknown) => void;

export interface ExpressRequest {
  readonly user?: object;
  readonly session: Record<string, unknown>;
}

export interface ExpressResponse {
  json(body: unknown): void;
}

/** A handler, or a library's. */
export type Handler = (request: ExpressRequest, response: ExpressResponse, next: Next) => unknown;
type ErrorAnswer = (error: Error, request: ExpressRequest, response: ExpressResponse, next: Next) => unknown;

/** As much of Express as is used. */
export interface Express {
  readonly default: () => RequestListener & {
    use(...handlers: (Handler | ErrorAnswer | RegExp)[]): void;
    get(path: string, ...handlers: Handler[]): void;
  };
}

const listening: Server[] = [];

/** @param appOf makes the application, which has its own URL in it */
export async function startApplication(appOf: (url: string) => Promise<RequestListener>): Promise<string> {
  const http = createServer();
  listening.push(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  http.on('request', await appOf(url));
  return url;
}

export function stopApplications(): void {
  for (const http of listening.splice(0)) {
    http.closeAllConnections();
    http.close();
  }
}
