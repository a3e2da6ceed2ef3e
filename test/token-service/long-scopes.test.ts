/** A scope may have some thousand words, and so may what it is compared with: the work must be that of one of them, not their product. */
import assert from 'node:assert/strict';
import { within } from '../../lib/extension/jwt-bearer/limits.js';
import { audienceOfExchange, scopeOfExchange } from '../../lib/extension/token-exchange/granted.js';
import type { AskedExchange } from '../../lib/extension/token-exchange/options.js';
import { requireWithheld } from '../../lib/token/scope.js';
import { CLIENT } from '../support/authorization-server.js';
import { comparisonsOf } from '../support/comparisons.js';
import { type Registered, tokenServer } from '../support/token-server.js';

const WORDS = Array.from({ length: 1500 }, (_, index) => index.toString(36));
const scope = WORDS.join(' ');
/** The same, without the last word and the other way round, so that nothing is found early. */
const less = WORDS.slice(0, -1).reverse().join(' ');
/** Some looks at a word are all right. All words at all words would be a million. */
const LINEAR = 10 * WORDS.length;

const GRANTS = ['authorization_code', 'refresh_token', 'client_credentials', 'password'];

function longServer(registered?: string) {
  const client: Registered = { ...CLIENT, grant_types: GRANTS, ...(registered !== undefined && { scope: registered }) };
  return tokenServer({
    clients: [client],
    tokens: { authenticate: () => ({ id: 'alice', name: 'alice' }), clientScope: () => WORDS },
  });
}

describe('long scopes', () => {
  const flows: Readonly<Record<string, (server: ReturnType<typeof longServer>) => Promise<unknown>>> = {
    'a refresh, and another answer to the same refresh token': async (server) => {
      const owner = { grant_type: 'password', username: 'alice', password: 'x' };
      const { body } = await server.request({ ...owner, scope }).expect(200);
      await server.refresh(body.refresh_token, { scope }).expect(200);
      await server.refresh(body.refresh_token, { scope: less }).expect(200);
    },
    'client credentials': (server) => server.request({ grant_type: 'client_credentials', scope: less }).expect(200),
    password: (server) =>
      server.request({ grant_type: 'password', username: 'alice', password: 'x', scope: less }).expect(200),
  };
  for (const [title, flow] of Object.entries(flows))
    for (const registered of [undefined, scope])
      it(`${title}${registered ? ', of a client that registered as much' : ''}`, async () => {
        const server = longServer(registered);
        const count = await comparisonsOf(() => flow(server));
        assert.ok(count < LINEAR, `${count} comparisons`);
      });

  it('of assertions, subject tokens and what was withheld', async () => {
    const [some, others] = [WORDS.slice(0, -1).reverse(), WORDS.map((word) => `-${word}`)];
    const subject = { scope: WORDS, audience: WORDS };
    const asked = { subject, scope: some, audience: some, resource: [] } as unknown as AskedExchange<unknown>;
    const works: readonly (() => unknown)[] = [
      () => assert.deepEqual(within(WORDS, some), WORDS.slice(0, -1)),
      () => assert.equal(scopeOfExchange(asked, { scope: WORDS }).length, some.length),
      () => assert.deepEqual(audienceOfExchange(asked, { allowFurtherAudience: others }), some),
      () => requireWithheld({ access_token: 'a', scope }, others, 'x'),
    ];
    for (const work of works) {
      const count = await comparisonsOf(async () => work());
      assert.ok(count < LINEAR, `${count} comparisons: ${work}`);
    }
  });

  it('and a product would be seen', async () => {
    const count = await comparisonsOf(async () => WORDS.filter((word) => WORDS.includes(word)));
    assert.equal(count, (WORDS.length * (WORDS.length + 1)) / 2);
  });
});
