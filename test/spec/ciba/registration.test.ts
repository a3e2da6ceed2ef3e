/** OpenID Connect Client-Initiated Backchannel Authentication §4: what clients register. */
import assert from 'node:assert/strict';
import type { ClientMetadata } from 'koauthorize';
import { backchannelServer, CIBA } from '../../support/backchannel-server.js';

const POLL: ClientMetadata = { grant_types: [CIBA], backchannel_token_delivery_mode: 'poll' };
const PING: ClientMetadata = {
  grant_types: [CIBA],
  backchannel_token_delivery_mode: 'ping',
  backchannel_client_notification_endpoint: 'https://client.example/notified',
};

describe('CIBA §4: a registration', () => {
  async function register(metadata: unknown) {
    const { server } = await backchannelServer();
    return server.core.extension('backchannelAuthentication')?.register?.(metadata as ClientMetadata);
  }

  for (const [what, metadata] of [
    ['of another kind of client', { grant_types: ['authorization_code'] }],
    ['without any grant type', {}],
    ['poll', POLL],
    ['ping', PING],
    ['with an algorithm', { ...POLL, backchannel_authentication_request_signing_alg: 'ES256' }],
    ['with user codes', { ...POLL, backchannel_user_code_parameter: true }],
  ] as const)
    it(`${what} is kept as it is`, async () => {
      assert.deepEqual(await register(metadata), metadata);
    });

  for (const [what, metadata, message] of [
    ['without a mode', { grant_types: [CIBA] }, /delivery_mode/],
    ['push', { ...PING, backchannel_token_delivery_mode: 'push' }, /poll, ping/],
    ['with a mode that is no text', { ...POLL, backchannel_token_delivery_mode: ['poll'] }, /poll, ping/],
    ['without the grant type', { ...POLL, grant_types: ['authorization_code'] }, /grant_types/],
    ['without grant types', { backchannel_token_delivery_mode: 'poll' }, /grant_types/],
    ['of a public client', { ...POLL, token_endpoint_auth_method: 'none' }, /public/],
    ['of ping without an endpoint', { ...PING, backchannel_client_notification_endpoint: undefined }, /endpoint/],
    ['with http', { ...PING, backchannel_client_notification_endpoint: 'http://client.example/' }, /https/],
    ['with a fragment', { ...PING, backchannel_client_notification_endpoint: 'https://client.example/#x' }, /https/],
    ['with an endpoint that is no text', { ...PING, backchannel_client_notification_endpoint: 1 }, /https/],
    ['with HMAC', { ...POLL, backchannel_authentication_request_signing_alg: 'HS256' }, /signing_alg/],
    ['with alg none', { ...POLL, backchannel_authentication_request_signing_alg: 'none' }, /signing_alg/],
    ['with user codes of another type', { ...POLL, backchannel_user_code_parameter: 'true' }, /true or false/],
  ] as const)
    it(`${what}: invalid_client_metadata`, async () => {
      await assert.rejects(register(metadata), { code: 'invalid_client_metadata', status: 400, message });
    });
});
