import type { IncomingMessage } from 'node:http';
import type { Middleware } from 'koa';
import { type Fields, ProtocolError } from './protocol-error.js';

/** Bytes. */
const LARGEST = 64 * 1024;

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
      if (body.length > LARGEST) reject(new ProtocolError(400, 'invalid_request'));
    });
    request.on('end', () => resolve(body));
    request.on('error', reject);
  });
}

/** The fields of a form. @throws ProtocolError for what is none */
export async function readForm(request: IncomingMessage): Promise<Fields> {
  if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
    throw new ProtocolError(400, 'invalid_request');
  return Object.fromEntries(new URLSearchParams(await readBody(request)));
}

/** For the routes of Koa that have forms. */
export const formReader: Middleware = async (ctx, next) => {
  Object.assign(ctx.request, { body: await readForm(ctx.req) });
  await next();
};
