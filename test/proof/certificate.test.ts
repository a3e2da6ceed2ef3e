/** Reading a client's certificate from a header, its thumbprint and its time. Sockets: test/spec/rfc8705.test.ts. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import type { Context } from 'koa';
import { isCurrent, socketCertificate, thumbprintOf } from '../../lib/certificate/certificate.js';
import { headerCertificate } from '../../lib/certificate/header.js';
import { type Identity, makeCA, selfSigned } from '../support/certificates.js';

/** RFC 8705 appendix A. */
const APPENDIX_A =
  'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=';

const NAME = 'X-Certificate';

/** What a header is read as. */
function read(value: string, isVerified?: (ctx: Context) => boolean) {
  const ctx = { get: (name: string) => (name === NAME ? value : '') } as unknown as Context;
  return headerCertificate({ name: NAME, ...(isVerified && { isVerified }) })(ctx);
}

const inOneLine = (pem: string, by: string): string => pem.trim().replaceAll('\r', '').replaceAll('\n', by);

describe('client certificates', () => {
  let client: Identity;
  before(async () => {
    client = await (await makeCA()).issue({ algorithm: 'RSA', subject: 'C=DE, O=Example, CN=client' });
  });

  it('RFC 8705 §3.1, appendix A: the thumbprint is base64url of SHA-256 of the DER', () => {
    const certificate = new X509Certificate(Buffer.from(APPENDIX_A, 'base64'));
    assert.equal(thumbprintOf(certificate), 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0');
  });

  it('RFC 5280 §4.1.2.5: a certificate is current from its first second to its last', async () => {
    const [from, to] = [1_700_000_000, 1_700_000_100];
    const { certificate } = await selfSigned({ from: new Date(from * 1000), to: new Date(to * 1000) });
    const times = [from - 1, from, to, to + 1, Number.NaN];
    assert.deepEqual(
      times.map((now) => isCurrent(certificate, now)),
      [false, true, true, false, false],
    );
  });

  it('a time that cannot be read is over', () => {
    const odd = { validFrom: 'Bad time value', validTo: 'Dec 31 23:59:59 9999 GMT' } as X509Certificate;
    assert.equal(isCurrent(odd, 1_700_000_000), false);
    const endless = { validFrom: 'Jan  1 00:00:00 1960 GMT', validTo: odd.validTo } as X509Certificate;
    assert.equal(isCurrent(endless, 1_700_000_000), true);
  });

  it('a connection without TLS has none', () => {
    assert.equal(socketCertificate({ req: { socket: {} } } as Context), undefined);
  });

  describe('from a header', () => {
    const FORMS: Readonly<Record<string, (identity: Identity) => string>> = {
      'RFC 9440 §2.1: base64 of the DER between colons': ({ x5c }) => `:${x5c}:`,
      'URL-encoded PEM, as of nginx': ({ cert }) => encodeURIComponent(`${inOneLine(cert, '\n')}\n`),
      'URL-encoded PEM with +, / and = as they are, as of a load balancer': ({ cert }) =>
        encodeURIComponent(inOneLine(cert, '\n')).replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '='),
      'PEM with spaces for line breaks, as of Apache': ({ cert }) => inOneLine(cert, ' '),
      'PEM with tabs for line breaks, as of older nginx': ({ cert }) => inOneLine(cert, '\n\t').replaceAll('\n', ''),
      'PEM without line breaks': ({ cert }) => inOneLine(cert, ''),
      'bare base64, as of Traefik': ({ x5c }) => x5c,
    };
    for (const [what, write] of Object.entries(FORMS)) {
      it(what, () => {
        const { certificate, isVerified } = read(write(client)) ?? assert.fail();
        assert.ok(certificate.raw.equals(client.certificate.raw), 'the same certificate');
        assert.equal(isVerified, false);
      });
    }

    it('is verified only where the application says so: true, and nothing like it', () => {
      assert.equal(read(client.x5c, () => true)?.isVerified, true);
      assert.equal(read(client.x5c, () => false)?.isVerified, false);
      assert.equal(read(client.x5c, () => 'NONE' as never)?.isVerified, false);
    });

    for (const nothing of ['', '(null)', '-']) {
      it(`none: ${JSON.stringify(nothing)}`, () => assert.equal(read(nothing), undefined));
    }

    const MALFORMED: Readonly<Record<string, (identity: Identity) => string>> = {
      'two of one header, as Node joins them': ({ x5c }) => `${x5c}, ${x5c}`,
      'two in one PEM': ({ cert }) => inOneLine(cert + cert, ' '),
      'bytes behind it': ({ x5c }) => Buffer.concat([Buffer.from(x5c, 'base64'), Buffer.alloc(1)]).toString('base64'),
      'cut short': ({ x5c }) => Buffer.from(x5c, 'base64').subarray(0, -1).toString('base64'),
      'PEM in base64': ({ cert }) => Buffer.from(cert).toString('base64'),
      'a private key': ({ key }) => inOneLine(key, ' '),
      base64url: ({ x5c }) => `:${Buffer.from(x5c, 'base64').toString('base64url')}:`,
      'one colon': ({ x5c }) => `:${x5c}`,
      'a URL that does not decode': ({ cert }) => `${encodeURIComponent(cert)}%`,
      'UTF-8 that is none': ({ cert }) => `${encodeURIComponent(cert)}%ff`,
      'longer than any': ({ cert }) => inOneLine(cert, ' '.repeat(4000)),
      'a list of parameters': ({ x5c }) => `Hash=abc;Cert="${x5c}"`,
      'a word': () => 'SUCCESS',
    };
    for (const [what, write] of Object.entries(MALFORMED)) {
      it(`what cannot be read counts as none: ${what}`, () => assert.equal(read(write(client)), undefined));
    }

    it('whatever comes is a certificate, or none, and never an error', () => {
      const hex = Buffer.from(client.x5c, 'base64');
      const changed = fc
        .array(fc.tuple(fc.nat(hex.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
        .map((changes) => {
          const bytes = Buffer.from(hex);
          for (const [at, byte] of changes) bytes[at] = byte;
          return bytes.toString('base64');
        });
      const any = fc.oneof(fc.string({ unit: 'binary' }), fc.base64String(), changed);
      fc.assert(
        fc.property(any, (value) => {
          const found = read(value);
          assert.ok(found === undefined || found.certificate instanceof X509Certificate);
        }),
        { numRuns: 1000 },
      );
    });
  });
});
