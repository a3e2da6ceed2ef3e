/** The requests and responses of a route of Next.js, at /api/auth/[...nextauth], made of Koa's. */
import { bodyParser } from '@koa/bodyparser';
import type { Context, Middleware } from 'koa';

type Handle = (request: object, response: object) => Promise<void>;

function cookiesOf(ctx: Context): Record<string, string> {
  const pairs = ctx
    .get('cookie')
    .split('; ')
    .map((pair) => pair.split('='));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, decodeURIComponent(value)]));
}

function responseOf(ctx: Context): object {
  const response = {
    status(status: number) {
      ctx.status = status;
      return response;
    },
    setHeader: (name: string, value: string | string[]) => ctx.set(name, value),
    getHeader: (name: string) => ctx.response.get(name) || undefined,
    json(body: object) {
      ctx.body = body;
    },
    send(body: string) {
      ctx.body = body;
    },
    end: () => {},
  };
  return response;
}

export function servedByNext(handle: Handle): Middleware {
  const parse = bodyParser();
  return (ctx) =>
    parse(ctx, () => {
      const query = { ...ctx.query, nextauth: ctx.path.split('/').slice(3) };
      const { body } = ctx.request as { readonly body?: unknown };
      const { method, headers } = ctx;
      return handle({ method, headers, cookies: cookiesOf(ctx), query, body }, responseOf(ctx));
    });
}
