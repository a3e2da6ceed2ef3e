import assert from 'node:assert/strict';
import type { Context } from 'koa';
import { toParams } from '../../lib/syntax/param-map.js';
import { requireOneMethod } from '../../lib/token/client.js';

const BASIC = 'Basic YTpi';

function contextOf(...authorizations: readonly string[]): Context {
  const rawHeaders = authorizations.flatMap((value) => ['Authorization', value]);
  return { req: { headers: { authorization: authorizations[0] }, rawHeaders } } as unknown as Context;
}

describe('middleware/client requireOneMethod', () => {
  const refused: readonly [what: string, headers: readonly string[], params: object][] = [
    ['a header and a secret', [BASIC], { client_secret: 'b' }],
    ['a header and an assertion', [BASIC], { client_assertion: 'b' }],
    ['a secret and an assertion', [], { client_secret: 'a', client_assertion: 'b' }],
    ['two headers', [BASIC, BASIC], {}],
  ];
  for (const [what, headers, params] of refused) {
    it(`RFC 6749 §2.3: ${what} are refused, however often they are looked at`, () => {
      const ctx = contextOf(...headers);
      const form = toParams(new Map(Object.entries(params)));
      for (const _ of 'door and endpoint'.split(' ')) {
        assert.throws(() => requireOneMethod(ctx, form), { code: 'invalid_request' });
      }
    });
  }

  it('what passed once passes again, and other parameters are looked at anew', () => {
    const ctx = contextOf(BASIC);
    const form = toParams(new Map());
    requireOneMethod(ctx, form);
    requireOneMethod(ctx, form);
    assert.throws(() => requireOneMethod(ctx, toParams(new Map([['client_secret', 'b']]))), {
      code: 'invalid_request',
    });
  });
});
