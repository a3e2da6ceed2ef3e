/** Plugs that have functions which get no server: they are for one server. */
import assert from 'node:assert/strict';
import { backchannelAuthentication, createServer, logout, sessionManagement } from 'koauthorize';

const plugs = {
  backchannelAuthentication: () => backchannelAuthentication({ findUser: () => undefined, ask: () => {} }),
  logout: () => logout({ end: () => {} }),
  sessionManagement: () => sessionManagement({ secret: 'x'.repeat(32), user: () => undefined }),
};

describe('a plug whose functions get no server', () => {
  for (const [name, make] of Object.entries(plugs))
    it(`${name}() is for one server: its functions would know the last one only`, () => {
      const plug = make();
      createServer().extend(plug);
      assert.throws(
        () => createServer().extend(plug),
        new RegExp(`One ${name}\\(\\) is for one server: make one for each`),
      );
      createServer().extend(make());
    });
});
