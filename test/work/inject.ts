/** Requests without a network: what is measured is the work of the server, and the limits are its own, not those of Node's parser. */
import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type Koa from 'koa';

export interface Injected {
  readonly method?: string;
  readonly target?: string;
  /** A name may come several times. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  /** The Content-Type of the body. */
  readonly type?: string;
}

class Nowhere extends Duplex {
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
  }
}

const FORM = 'application/x-www-form-urlencoded';

/** @returns the status */
export async function inject(app: Koa, { method, target = '/', headers = [], body, type = FORM }: Injected) {
  const all = [
    ...headers,
    ...(body === undefined
      ? []
      : [
          ['Content-Type', type],
          ['Content-Length', `${Buffer.byteLength(body)}`],
        ]),
  ];
  const req = new IncomingMessage(new Socket());
  Object.assign(req, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url: target,
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    httpVersion: '1.1',
  });
  for (const [name = '', value = ''] of [['Host', 'as.example'], ...all]) {
    req.rawHeaders.push(name, value);
    req.headers[name.toLowerCase()] ??= value;
  }
  if (body !== undefined) req.push(body);
  req.push(null);
  req.complete = true;
  const res = new ServerResponse(req);
  res.assignSocket(new Nowhere() as unknown as Socket);
  void app.callback()(req, res);
  await once(res, 'finish');
  return res.statusCode;
}
