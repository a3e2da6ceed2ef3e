/** What is read of a request, whatever a body parser left. */
import assert from 'node:assert/strict';
import Koa, { type Middleware } from 'koa';
import request from 'supertest';
import { readForm, readQuery, wasSent } from '../../lib/http/params.js';

const FORM = 'application/x-www-form-urlencoded';

async function read(body: string, type: string, before?: Middleware) {
  const app = new Koa();
  app.silent = true;
  if (before) app.use(before);
  app.use(async (ctx) => {
    try {
      const form = await readForm(ctx);
      const sent = ['a', 'b', 'c'].filter((name) => wasSent(form, name));
      const { params, refused } = form;
      const left = (ctx.request as { body?: unknown }).body;
      ctx.body = { params: Object.fromEntries(params), refused: [...refused], sent, left };
    } catch (error) {
      ctx.body = { status: (error as { status: number }).status };
    }
  });
  return (await request(app.callback()).post('/').set('Content-Type', type).send(body)).body;
}

const leave =
  (body: unknown): Middleware =>
  async (ctx, next) => {
    Object.assign(ctx.request, { body });
    await next();
  };

describe('http/params readForm', () => {
  const table: readonly [body: string, params: object, refused: string[]][] = [
    ['a=1&b=2', { a: '1', b: '2' }, []],
    ['a=1&a=2&b=3', { b: '3' }, ['a']],
    ['a=1&a=1', {}, ['a']],
    ['a=&b=1', { b: '1' }, []],
    ['a=&a=1', { a: '1' }, []],
    ['a%5Bb%5D=1', { 'a[b]': '1' }, []],
    ['a+b=%C3%A9+x', { 'a b': 'é x' }, []],
    ['a', {}, []],
    ['', {}, []],
  ];
  for (const [body, params, refused] of table) {
    it(`${body || 'nothing'}, without a body parser`, async () => {
      const result = await read(body, FORM);
      assert.deepEqual([result.params, result.refused], [params, refused]);
    });
  }

  const parsed: readonly [body: unknown, params: object, refused: string[]][] = [
    [{ a: '1' }, { a: '1' }, []],
    [{ a: ['1', '2'] }, {}, ['a']],
    [{ a: ['1'] }, {}, ['a']],
    [{ code: { $ne: 'x' } }, {}, ['code']],
    [{ a: 1, b: true, c: null, d: undefined }, {}, ['a', 'b', 'c']],
    [{ a: '' }, {}, []],
  ];
  for (const [body, params, refused] of parsed) {
    it(`${JSON.stringify(body)}, left by a body parser`, async () => {
      const result = await read('', FORM, leave(body));
      assert.deepEqual([result.params, result.refused], [params, refused]);
    });
  }

  it('every name counts as sent, with a value or without', async () => {
    assert.deepEqual((await read('a=&b=1', FORM)).sent, ['a', 'b']);
    assert.deepEqual((await read('a=1&a=2&b=1', FORM)).sent, ['a', 'b']);
  });

  it('leaves the fields to the application where no parser did', async () => {
    assert.deepEqual((await read('a=1&b=2&b=3', FORM)).left, { a: '1', b: ['2', '3'] });
  });

  it('the text of a body wins over what a parser made of it', async () => {
    const raw: Middleware = async (ctx, next) => {
      Object.assign(ctx.request, { body: { a: '1' }, rawBody: 'a=1&a=2' });
      await next();
    };
    assert.deepEqual((await read('', FORM, raw)).refused, ['a']);
  });

  for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x']) {
    it(`refuses ${type} that nobody read: it may say no`, async () => {
      assert.equal((await read('a=1', type)).status, 415);
    });
  }

  it('more than 64 KiB are refused', async () => {
    assert.equal((await read(`a=${'x'.repeat(64 * 1024)}`, FORM)).status, 413);
    assert.equal((await read(`a=${'x'.repeat(64 * 1024 - 2)}`, FORM)).status, undefined);
  });
});

describe('http/params readForm, once more', () => {
  it('gives what it gave', async () => {
    const forms: unknown[] = [];
    const again: Middleware = async (ctx, next) => {
      forms.push(await readForm(ctx), await readForm(ctx));
      await next();
    };
    const { params } = await read('a=1', FORM, again);
    assert.deepEqual(params, { a: '1' });
    assert.ok(forms[0] === forms[1], 'it is read once');
  });

  it('gives what the application has put there since', async () => {
    const replacing: Middleware = async (ctx, next) => {
      await readForm(ctx);
      await leave({ b: '2' })(ctx, next);
    };
    assert.deepEqual((await read('a=1', FORM, replacing)).params, { b: '2' });
  });
});

describe('http/params readQuery', () => {
  it('reads the query as a form', () => {
    const { params, refused } = readQuery({
      originalUrl: '/',
      path: '/',
      querystring: 'a=1&b=2&b=3&c=&__proto__=x',
    } as never);
    assert.deepEqual(
      [...params],
      [
        ['a', '1'],
        ['__proto__', 'x'],
      ],
    );
    assert.deepEqual([...refused], ['b']);
  });
});
