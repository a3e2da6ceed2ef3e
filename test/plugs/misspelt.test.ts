/** Mistakes in an extension are errors when it is plugged in: a member that is misspelt would never be called, and what it checks would not be checked. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Extension, type Route } from 'koauthorize';
import { MEMBERS } from '../../lib/registry/members.js';

const refuse = (): never => {
  throw new Error('refused by the extension');
};
const route = (more: object): Record<string, Route> => ({
  mine: { path: '/mine', methods: ['POST'], handler: refuse, ...more },
});
const plugIn = (members: object) => createServer().extend({ name: 'mine', ...members } as Extension);

describe('a mistake in an extension', () => {
  for (const [what, members, message] of [
    [
      'a misspelt step of the token endpoint',
      { token: { chek: refuse } },
      /mine: token has no option chek. .* check\?/,
    ],
    [
      'a misspelt step of the authorization endpoint',
      { authorization: { pars: refuse } },
      /mine: authorization has no option pars. Did you mean parse\?/,
    ],
    ['a misspelt name of the steps', { tokens: { parse: refuse } }, /mine has no option tokens. Did you mean token\?/],
    [
      'a misspelt member',
      { authorizaton: { parse: refuse } },
      /has no option authorizaton. Did you mean authorization/,
    ],
    ['a misspelt function', { judgeclient: refuse }, /has no option judgeclient. Did you mean judgeClient/],
    [
      'a misspelt member of a route, without which no client authenticates',
      { routes: route({ clientAuthenticatd: true }) },
      /routes.mine has no option clientAuthenticatd. Did you mean clientAuthenticated/,
    ],
    [
      'a method in lower case, which no request has',
      { routes: route({ methods: ['post'] }) },
      /routes.mine: the method post is written POST/,
    ],
    ['methods as text', { routes: route({ methods: 'POST' }) }, /routes.mine: methods is no list of texts/],
    [
      'grant types as text, of which a part would match',
      { token: { grantTypes: 'client_credentials', parse: refuse } },
      /token.grantTypes is no list of texts/,
    ],
    ['parameters as text', { parameters: 'mine' }, /The extension mine: parameters is no list of texts/],
  ] as const)
    it(`is an error at server.extend: ${what}`, () =>
      assert.throws(() => plugIn(members), { name: 'TypeError', message }));

  it('is not a member that the extension declares itself, nor a function of its class', () => {
    class Mine {
      readonly name = 'mine';
      readonly vouchers = new Map<string, string>();
      readonly token = { check: () => undefined };
      tokenz(): void {}
    }
    createServer().extend(new Mine()).check();
    plugIn({ madeOfPaper: true }).check();
  });

  it('every member of the interface is a known name', () => {
    const [, body = ''] =
      /export interface Extension<[^{]*\{\n(.*?)\n\}/s.exec(readFileSync('lib/core.ts', 'utf8')) ?? [];
    const declared = [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, name]) => name);
    assert.deepEqual([...MEMBERS].sort(), declared.sort());
    assert.ok(declared.length > 30);
  });
});
