/**
 * Requests without sockets: Node's own request and response objects, as its parser would have made them, are handed to the application. What is
 * counted is the application's work, and neither Node's parser nor the system.
 */
import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Answer, Carrier, Sent } from '../workloads/connection.js';

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() }) as Socket;
const peer = new Socket();

function requestOf({ method, path, headers, body }: Sent): IncomingMessage {
  const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` };
  const all = { host: 'as.example', ...headers, ...length };
  const req = new IncomingMessage(peer);
  Object.assign(req, { method, url: path, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
  Object.assign(req, { headers: all, rawHeaders: Object.entries(all).flat(), complete: true });
  if (body !== undefined) req.push(body);
  req.push(null);
  return req;
}

function ask(listener: RequestListener, sent: Sent): Promise<Answer> {
  return new Promise((resolve) => {
    const req = requestOf(sent);
    const res = new ServerResponse(req);
    res.assignSocket(nowhere);
    const end = res.end.bind(res) as (body?: string) => ServerResponse;
    res.end = (body?: unknown) => {
      const text = typeof body === 'string' || Buffer.isBuffer(body) ? String(body) : '';
      const { statusCode: status } = res;
      res.once('finish', () => {
        res.detachSocket(nowhere);
        resolve({ sent, status, headers: res.getHeaders() as Answer['headers'], body: text });
      });
      return end(text);
    };
    listener(req, res);
  });
}

/** @param listener such as Koa's `app.callback()` */
export function inProcess(listener: RequestListener): Carrier {
  return { carry: (sent) => ask(listener, sent), close: async () => {} };
}
