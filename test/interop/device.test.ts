/** The device flow of oauth4webapi and of openid-client, unchanged, over HTTP. */
import assert from 'node:assert/strict';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { client as registered } from '../support/client-auth.js';
import { stopAll } from '../support/interop-server.js';
import { allows, startDeviceServer } from '../support/listening-device-server.js';

const insecure = { [oauth.allowInsecureRequests]: true };
const SECRET = 'a secret';
const television = registered('television', { client_secret: SECRET, redirect_uris: [] });

describe('the device flow of client libraries', () => {
  let url: string;
  before(async () => {
    url = await startDeviceServer([television]);
  });
  after(stopAll);

  it('oauth4webapi', async () => {
    const as = await oauth.processDiscoveryResponse(
      new URL(url),
      await oauth.discoveryRequest(new URL(url), { algorithm: 'oauth2', ...insecure }),
    );
    const [client, auth] = [{ client_id: 'television' }, oauth.ClientSecretBasic(SECRET)];
    const begun = await oauth.processDeviceAuthorizationResponse(
      as,
      client,
      await oauth.deviceAuthorizationRequest(as, client, auth, { scope: 'read' }, insecure),
    );
    const poll = () => oauth.deviceCodeGrantRequest(as, client, auth, begun.device_code, insecure);
    await assert.rejects(
      poll().then((response) => oauth.processDeviceCodeResponse(as, client, response)),
      { error: 'authorization_pending' },
    );
    await allows(begun.verification_uri, begun.user_code);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const tokens = await oauth.processDeviceCodeResponse(as, client, await poll());
    assert.deepEqual([tokens.token_type, tokens.scope], ['bearer', 'read']);
  });

  it('openid-client, which waits and asks by itself', async () => {
    const config = await openid.discovery(new URL(url), 'television', undefined, openid.ClientSecretBasic(SECRET), {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
    const begun = await openid.initiateDeviceAuthorization(config, { scope: 'read' });
    const polling = openid.pollDeviceAuthorizationGrant(config, begun);
    await allows(begun.verification_uri, begun.user_code);
    assert.equal((await polling).token_type, 'bearer');
  });
});
