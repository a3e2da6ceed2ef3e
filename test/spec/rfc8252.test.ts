/** RFC 8252 §7.3, §8.3: loopback redirect URIs of native apps. */
import assert from 'node:assert/strict';
import { type App, authorizationServer, browser, CLIENT } from '../support/authorization-server.js';
import { assertErrorHere } from '../support/form.js';

interface Row {
  readonly registered: string;
  readonly requested: string;
  readonly taken: boolean;
  /** Where `anyPortForLocalhost` is set; the same as without when absent. */
  readonly withOption?: boolean;
}

const v4 = 'http://127.0.0.1/callback';
const v6 = 'http://[::1]/callback';
const localhost = 'http://localhost/callback';

const ROWS: readonly Row[] = [
  { registered: v4, requested: 'http://127.0.0.1/callback', taken: true },
  { registered: v4, requested: 'http://127.0.0.1:1/callback', taken: true },
  { registered: v4, requested: 'http://127.0.0.1:80/callback', taken: true },
  { registered: v4, requested: 'http://127.0.0.1:49152/callback', taken: true },
  { registered: v4, requested: 'http://127.0.0.1:65535/callback', taken: true },
  { registered: 'http://127.0.0.1:3000/callback', requested: 'http://127.0.0.1:49152/callback', taken: true },
  { registered: 'http://127.0.0.1:3000/callback', requested: 'http://127.0.0.1/callback', taken: true },
  { registered: 'http://127.0.0.1', requested: 'http://127.0.0.1:49152', taken: true },
  { registered: 'http://127.0.0.1?a=b', requested: 'http://127.0.0.1:49152?a=b', taken: true },
  { registered: v6, requested: 'http://[::1]/callback', taken: true },
  { registered: v6, requested: 'http://[::1]:49152/callback', taken: true },
  { registered: 'http://[::1]:3000/callback', requested: 'http://[::1]:49152/callback', taken: true },

  { registered: v4, requested: 'http://127.0.0.1:65536/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:99999/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:123456/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:-1/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:80x/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:8080/', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:8080/Callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:8080/callback/', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:8080/callback?a=b', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:8080/callback#a', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:8080?/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:8080@evil.example/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1:8080.evil.example/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.1.evil.example:8080/callback', taken: false },
  { registered: v4, requested: 'http://user@127.0.0.1:8080/callback', taken: false },
  { registered: v4, requested: 'https://127.0.0.1:8080/callback', taken: false },
  { registered: v4, requested: 'HTTP://127.0.0.1:8080/callback', taken: false },
  { registered: v4, requested: 'http://127.0.0.2:8080/callback', taken: false },
  { registered: v4, requested: 'http://127.1:8080/callback', taken: false },
  { registered: v4, requested: 'http://127.000.000.001:8080/callback', taken: false },
  { registered: v4, requested: 'http://0x7f000001:8080/callback', taken: false },
  { registered: v4, requested: 'http://2130706433:8080/callback', taken: false },
  { registered: v4, requested: 'http://0.0.0.0:8080/callback', taken: false },
  { registered: v4, requested: 'http://[::1]:8080/callback', taken: false },
  { registered: v4, requested: 'http://localhost:8080/callback', taken: false },
  { registered: v4, requested: 'http://127x0x0x1:8080/callback', taken: false },
  { registered: v6, requested: 'http://[::1]:99999/callback', taken: false },
  { registered: v6, requested: 'http://[0:0:0:0:0:0:0:1]:8080/callback', taken: false },
  { registered: v6, requested: 'http://[::ffff:127.0.0.1]:8080/callback', taken: false },
  { registered: v6, requested: 'http://127.0.0.1:8080/callback', taken: false },
  { registered: 'https://127.0.0.1/callback', requested: 'https://127.0.0.1:8080/callback', taken: false },
  { registered: 'http://192.168.0.1/callback', requested: 'http://192.168.0.1:8080/callback', taken: false },
  { registered: 'https://client.example/callback', requested: 'https://client.example:8080/callback', taken: false },

  { registered: localhost, requested: 'http://localhost/callback', taken: true },
  { registered: localhost, requested: 'http://localhost:8080/callback', taken: false, withOption: true },
  {
    registered: 'http://localhost:3000/callback',
    requested: 'http://localhost:8080/callback',
    taken: false,
    withOption: true,
  },
  { registered: localhost, requested: 'http://localhost:8080/other', taken: false },
  { registered: localhost, requested: 'http://LOCALHOST:8080/callback', taken: false },
  { registered: localhost, requested: 'https://localhost:8080/callback', taken: false },
  { registered: localhost, requested: 'http://localhost:8080@evil.example/callback', taken: false },
  { registered: localhost, requested: 'http://localhost.evil.example:8080/callback', taken: false },
  { registered: localhost, requested: 'http://sub.localhost:8080/callback', taken: false },
  { registered: localhost, requested: 'http://127.0.0.1:8080/callback', taken: false },
];

describe('RFC 8252 §7.3 anyPortForLocalhost for each client', () => {
  const NATIVE = { ...CLIENT, redirect_uris: [localhost], application_type: 'native' };
  const WEB = { ...CLIENT, client_id: 'web', redirect_uris: [localhost], application_type: 'web' };
  const isNative = (client: App): boolean => Reflect.get(client, 'application_type') === 'native';
  const ask = (client: App, anyPortForLocalhost: (client: App) => boolean) => {
    const { app } = authorizationServer({ clients: [NATIVE, WEB], options: { anyPortForLocalhost } });
    const redirect_uri = localhost.replace('localhost', 'localhost:8080');
    return browser(app).authorize({ client_id: client.client_id, redirect_uri });
  };

  it('the one that says true may, and no other', async () => {
    assert.equal((await ask(NATIVE, isNative)).status, 200);
    assertErrorHere(await ask(WEB, isNative), 400, 'invalid_request');
  });

  it('only true is yes, and a promise is an error of the operator', async () => {
    assertErrorHere(await ask(NATIVE, (() => 'yes') as never), 400, 'invalid_request');
    assertErrorHere(await ask(NATIVE, (async () => true) as never), 500, 'server_error');
  });
});

for (const anyPortForLocalhost of [false, true]) {
  describe(`RFC 8252 loopback redirect URIs, anyPortForLocalhost: ${anyPortForLocalhost}`, () => {
    for (const { registered, requested, taken, withOption = taken } of ROWS) {
      const expected = anyPortForLocalhost ? withOption : taken;
      it(`§7.3 ${registered} ${expected ? 'may be' : 'is not'} asked for as ${requested}`, async () => {
        const clients: App[] = [{ ...CLIENT, redirect_uris: [registered] }];
        const { app } = authorizationServer({ clients, options: { anyPortForLocalhost } });
        const { authorize, decide } = browser(app);
        const dialog = await authorize({ redirect_uri: requested });
        if (!expected) return assertErrorHere(dialog, 400, 'invalid_request');
        const { headers } = await decide(dialog.body.transactionID);
        const mark = requested.includes('?') ? '&' : '?';
        assert.ok(headers['location']?.startsWith(`${requested}${mark}code=`), headers['location']);
      });
    }
  });
}
