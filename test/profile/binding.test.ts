/** Profiles beside extensions of the operator's own that bind tokens, and the certificates that a proxy passes on. */
import assert from 'node:assert/strict';
import { certificateBoundTokens, createServer, dpop, exchange, grant, type Plug } from 'koauthorize';
import type { CertificateSource } from 'koauthorize/client-auth';
import { fapiCIBA } from 'koauthorize/profile/fapi-ciba';
import { type FAPI2Options, fapi2 } from 'koauthorize/profile/fapi2';
import { fapi2MessageSigning } from 'koauthorize/profile/fapi2-message-signing';
import { ISSUER } from '../support/authorization-server.js';
import { type Identity, selfSigned } from '../support/certificates.js';
import { type App, authorize, good, house, keysOf, redeem, type User } from './house.js';

const unsigned = { object: 'none', params: { response_mode: undefined } } as const;
const registered = { tls_client_certificate_bound_access_tokens: true };

describe('profiles: extensions of the operator’s own that bind tokens', () => {
  let own: Identity;
  before(async () => {
    own = await selfSigned();
  });

  interface Asked {
    readonly before?: readonly Plug<App, User>[];
    readonly options: FAPI2Options<App>;
    /** What comes with the token request. */
    readonly proof?: false;
    readonly client?: object;
  }

  /** What a client of fapi2() is given for a code: the binding, or the error. */
  async function outcome({ before = [], options, proof, client = {} }: Asked): Promise<unknown> {
    const app = good('fapi2', await keysOf(), client);
    const made = await house({
      clients: [app],
      plugs: fapi2<App, User>({ appliesTo: () => true, ...options }),
      plug: (server, tokens) =>
        void server
          .grant(grant.code(tokens.code))
          .exchange(exchange.code(tokens.code))
          .extend(...before),
    });
    const { code } = await authorize(made, app, unsigned);
    const { body } = await redeem(made, app, code, proof === false ? { tokenProof: 'none' } : {});
    if (body.error) return [body.error, body.error_description];
    return Object.keys((await made.tokens.verify(body.access_token))?.confirmation ?? {});
  }

  /** Where certificates come from behind a proxy. */
  const source =
    (comes: boolean): CertificateSource =>
    () =>
      comes ? { certificate: own.certificate, isVerified: true } : undefined;

  const missing = ['invalid_request', 'A client certificate is required'];
  const noProof = ['invalid_dpop_proof', 'DPoP proof: it is missing'];

  it('dpop() that is plugged in before asks the clients of the profile for a proof: RFC 9449 §5', async () => {
    const before = [dpop<App, User>({ baseURL: ISSUER })];
    assert.deepEqual(await outcome({ before, options: {} }), ['jkt']);
    assert.deepEqual(await outcome({ before, options: {}, proof: false }), noProof);
    assert.deepEqual(await outcome({ before, options: { binding: 'either' }, proof: false }), noProof);
  });

  it('certificateBoundTokens() that is plugged in before takes the certificates of the clients of the profile', async () => {
    const asked = (comes: boolean) =>
      ({ before: [certificateBoundTokens<App, User>({ certificate: source(comes) })], proof: false }) as const;
    const options = { binding: 'mtls' } as const;
    assert.deepEqual(await outcome({ ...asked(true), options }), ['x5t#S256']);
    assert.deepEqual(await outcome({ ...asked(false), options }), missing);
    const either = { options: { binding: 'either' } } as const;
    assert.deepEqual(await outcome({ ...asked(true), ...either, client: registered }), ['x5t#S256']);
    assert.deepEqual(await outcome({ ...asked(true), ...either }), noProof);
  });

  it('binds no clients of others', async () => {
    const before = [dpop<App, User>(), certificateBoundTokens<App, User>({ certificate: source(true) })];
    for (const binding of ['dpop', 'mtls', 'either'] as const)
      assert.deepEqual(await outcome({ before, options: { appliesTo: () => false, binding }, proof: false }), []);
  });

  it('what its isBound says counts, and the profile refuses the token that is not bound', async () => {
    const before = [dpop<App, User>({ isBound: () => false })];
    const [error, description] = (await outcome({ before, options: {}, proof: false })) as readonly string[];
    assert.equal(error, 'invalid_request');
    assert.match(description ?? '', /^Tokens of this client are bound to a key/);
  });

  describe('fapi2({ certificate })', () => {
    it('is where the profile finds the certificates of its clients', async () => {
      const asked = (comes: boolean, binding: 'mtls' | 'either') =>
        ({ options: { binding, certificate: source(comes) }, proof: false, client: registered }) as const;
      for (const binding of ['mtls', 'either'] as const) {
        assert.deepEqual(await outcome(asked(true, binding)), ['x5t#S256']);
        assert.deepEqual(await outcome(asked(false, binding)), missing);
      }
    });

    it('is an error where no certificate counts, and where another source is said', () => {
      const certificate = source(true);
      for (const profile of [fapi2, fapi2MessageSigning, fapiCIBA]) {
        assert.throws(() => profile({ certificate }), /\{ certificate \}\) needs binding/);
        const plug = (...before: readonly Plug[]) =>
          createServer({ issuer: ISSUER }).extend(...before, ...profile({ binding: 'mtls', certificate }));
        assert.throws(() => plug(certificateBoundTokens({ certificate: source(true) })), /say it once/);
        assert.throws(() => plug(certificateBoundTokens()), /say it once/);
        plug(certificateBoundTokens({ certificate }));
      }
    });

    it('may be said by two profiles of one server, and by the first of them alone', () => {
      const binding = 'mtls';
      const certificate = source(true);
      for (const second of [{ certificate }, {}])
        createServer({ issuer: ISSUER }).extend(
          ...fapi2({ binding, certificate }),
          ...fapi2MessageSigning({ binding, ...second }),
        );
    });
  });

  it('one value of certificateBoundTokens() is for several servers, each with profiles of its own', async () => {
    const shared = certificateBoundTokens<App, User>({ certificate: source(true) });
    const [first, second] = [{ binding: 'mtls' } as const, { appliesTo: () => false, binding: 'mtls' } as const];
    assert.deepEqual(await outcome({ before: [shared], options: first, proof: false }), ['x5t#S256']);
    assert.deepEqual(await outcome({ before: [shared], options: second, proof: false }), []);
  });
});
