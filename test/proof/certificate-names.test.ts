/** Names in certificates, and what clients register to be known by: RFC 4514, RFC 5280 §4.1.2.4, §4.2.1.6, RFC 8705 §2.1.2. */
import assert from 'node:assert/strict';
import type { X509Certificate } from 'node:crypto';
import type { JsonNameParams } from '@peculiar/x509';
import fc from 'fast-check';
import { parseName } from '../../lib/certificate/distinguished-name.js';
import { type AlternativeName, hasAlternativeName, subjectOf } from '../../lib/certificate/names.js';
import { type CertificateOptions, selfSigned } from '../support/certificates.js';

const utf8 = (CN: string): JsonNameParams => [{ CN: [{ utf8String: CN }] }];

async function isSubject(registered: string, subject: string | JsonNameParams): Promise<boolean> {
  const { certificate } = await selfSigned({ subject });
  const name = parseName(registered);
  return name !== undefined && name === subjectOf(certificate);
}

/** One element of DER. */
function der(tag: number, ...content: readonly (Buffer | string)[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => Buffer.from(part as string, 'latin1')));
  assert.ok(bytes.length < 128);
  return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
}

/** A certificate that never was signed, around a subject. */
function certificateOf(subject: Buffer): X509Certificate {
  const empty = der(0x30);
  const raw = der(0x30, der(0x30, der(0x02, '\x01'), empty, empty, empty, subject));
  return { raw } as X509Certificate;
}

describe('distinguished names', () => {
  const EXAMPLE = 'C=DE, ST=Hessen, O=Example GmbH, OU=Payments, CN=client.example';

  describe('RFC 4514 §2.1: registered last things first, and the order counts', () => {
    const rows: readonly (readonly [registered: string, is: boolean])[] = [
      ['CN=client.example,OU=Payments,O=Example GmbH,ST=Hessen,C=DE', true],
      ['CN=client.example, OU=Payments, O=Example GmbH, ST=Hessen, C=DE', true],
      ['CN = client.example , OU = Payments , O = Example GmbH , ST = Hessen , C = DE', true],
      ['cn=client.example,ou=Payments,o=Example GmbH,st=Hessen,c=DE', true],
      ['commonName=client.example,organizationalUnitName=Payments,organizationName=Example GmbH,S=Hessen,c=DE', true],
      ['2.5.4.3=client.example,OU=Payments,2.5.4.10=Example GmbH,2.5.4.8=Hessen,2.5.4.6=DE', true],
      ['CN=#0c0e636c69656e742e6578616d706c65,OU=Payments,O=Example GmbH,ST=Hessen,C=DE', true],
      ['CN=client\\2Eexample,OU=\\50\\61yments,O=Example\\ GmbH,ST=Hessen,C=DE', true],
      ['C=DE,ST=Hessen,O=Example GmbH,OU=Payments,CN=client.example', false],
      ['CN=client.example,OU=Payments,O=Example GmbH,ST=Hessen', false],
      ['CN=client.example,OU=Payments,O=Example GmbH,ST=Hessen,C=DE,DC=example', false],
      ['CN=Client.example,OU=Payments,O=Example GmbH,ST=Hessen,C=DE', false],
      ['CN=client.example,OU=Payments,O=Example  GmbH,ST=Hessen,C=DE', false],
      ['CN=client.example,OU=Payments,O=Example GmbH,L=Hessen,C=DE', false],
      ['CN=client.example+OU=Payments,O=Example GmbH,ST=Hessen,C=DE', false],
      ['CN=*.example,OU=Payments,O=Example GmbH,ST=Hessen,C=DE', false],
      ['CN=client.example', false],
    ];
    for (const [registered, is] of rows) {
      it(`${is ? 'is' : 'is not'} ${registered}`, async () => assert.equal(await isSubject(registered, EXAMPLE), is));
    }
  });

  describe('RFC 4514 §2.4: values count character by character, however they are escaped', () => {
    const rows: readonly (readonly [value: string, ...registered: readonly string[]])[] = [
      ['a,b', 'CN=a\\,b', 'CN=a\\2cb'],
      ['a+b', 'CN=a\\+b', 'CN=a\\2Bb'],
      ['a"b', 'CN=a\\"b'],
      ['a\\b', 'CN=a\\\\b', 'CN=a\\5Cb'],
      ['a;b', 'CN=a\\;b'],
      ['a<b>c', 'CN=a\\<b\\>c'],
      ['a=b', 'CN=a=b', 'CN=a\\=b'],
      ['#abc', 'CN=\\#abc', 'CN=\\23abc'],
      ['a#b', 'CN=a#b'],
      [' lead', 'CN=\\ lead', 'CN=\\20lead', 'CN= \\ lead'],
      ['trail ', 'CN=trail\\ ', 'CN=trail\\20', 'CN=trail\\  '],
      ['  ', 'CN=\\ \\ '],
      ['a  b', 'CN=a  b'],
      ['', 'CN=', 'CN= '],
      ['a\nb', 'CN=a\\0Ab', 'CN=a\nb'],
      ['a\nO=Example', 'CN=a\\0AO=Example'],
      ['a + O=Example', 'CN=a \\+ O=Example'],
      ['a\r\t\x7fb', 'CN=a\\0D\\09\\7Fb'],
      ['a\0b', 'CN=a\\00b'],
      ['é ü', 'CN=é ü', 'CN=\\C3\\A9 \\C3\\BC'],
      ['日本', 'CN=日本', 'CN=\\E6\\97\\A5\\E6\\9C\\AC'],
      ['🔑', 'CN=🔑', 'CN=\\F0\\9F\\94\\91'],
      ['a/b', 'CN=a/b'],
      ['\ufeffa', 'CN=\ufeffa', 'CN=\\EF\\BB\\BFa'],
    ];
    for (const [value, ...registered] of rows) {
      it(JSON.stringify(value), async () => {
        for (const name of registered) assert.equal(await isSubject(name, utf8(value)), true, name);
      });
    }

    it('and are not those of another: the same names never meet in print', async () => {
      const values = [...rows.map(([value]) => value), 'a', 'a b', 'lead', 'trail', 'e\u0301 ü', 'abc', '\\ab'];
      const subjects = await Promise.all(
        values.map(async (value) => subjectOf((await selfSigned({ subject: utf8(value) })).certificate)),
      );
      for (const [i, [, name = '']] of rows.entries()) {
        const matching = subjects.flatMap((subject, j) => (subject === parseName(name) ? [j] : []));
        assert.deepEqual(matching, [i], name);
      }
    });

    it('any string that can be escaped', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (one, other) => {
          const value = (text: string) =>
            text.replace(/[ "#+,;<=>\\\0]/g, (char) => (char === '\0' ? '\\00' : `\\${char}`));
          const bytes = [one, other].map((text) => Buffer.from(text));
          fc.pre(bytes.every(({ length }) => length < 60));
          const [cn = Buffer.alloc(0), o = Buffer.alloc(0)] = bytes;
          const attribute = (type: string, text: Buffer) =>
            der(0x31, der(0x30, der(0x06, `\x55\x04${type}`), der(0x0c, text)));
          const subject = subjectOf(certificateOf(der(0x30, attribute('\x0a', o))));
          assert.equal(parseName(`O=${value(other)}`), subject);
          const both = parseName(`CN=${value(one)},O=${value(other)}`);
          assert.notEqual(both, undefined);
          assert.notEqual(both, parseName(`O=${value(other)},CN=${value(one)}`));
          if (cn.length + o.length < 90) {
            const sequence = der(0x30, attribute('\x0a', o), attribute('\x03', cn));
            assert.equal(both, subjectOf(certificateOf(sequence)));
          }
        }),
      );
    });
  });

  it('whichever type of string it is', async () => {
    const types: readonly JsonNameParams[] = [
      [{ CN: [{ printableString: 'abc' }] }],
      [{ CN: [{ ia5String: 'abc' }] }],
      [{ CN: [{ bmpString: 'abc' }] }],
      utf8('abc'),
    ];
    for (const subject of types) assert.equal(await isSubject('CN=abc', subject), true, JSON.stringify(subject));
    assert.equal(await isSubject('CN=日本', [{ CN: [{ bmpString: '日本' }] }]), true);
  });

  it('RFC 4514 §2.4: what is no string of ours is registered as its DER', async () => {
    const subjectWith = (type: string, value: Buffer) =>
      subjectOf(certificateOf(der(0x30, der(0x31, der(0x30, der(0x06, type), value)))));
    const number = subjectWith('\x2a\x03\x04', der(0x02, '\x05\xdc'));
    for (const registered of ['1.2.3.4=#020205dc', '1.2.3.4=#020205DC', '1.2.3.4 = #020205dc '])
      assert.equal(parseName(registered), number, registered);
    for (const other of ['1.2.3.4=#020205dd', '1.2.3.4=020205dc', '1.2.3.4=\u0005\u00dc', '1.2.3.5=#020205dc'])
      assert.notEqual(parseName(other), number, other);
    const teletex = subjectWith('\x55\x04\x03', der(0x14, 'a'));
    assert.equal(parseName('CN=#140161'), teletex);
    assert.notEqual(parseName('CN=a'), teletex);
  });

  it('RFC 4514 §2.2: the parts of one RDN have no order', async () => {
    const subject: JsonNameParams = [{ O: ['Example'] }, { CN: ['a'], OU: ['b', 'c'] }];
    for (const registered of ['CN=a+OU=b+OU=c,O=Example', 'OU=c + CN=a + OU=b, O=Example'])
      assert.equal(await isSubject(registered, subject), true, registered);
    for (const registered of [
      'CN=a+OU=b,O=Example',
      'CN=a+OU=b+OU=b,O=Example',
      'CN=a,OU=b,OU=c,O=Example',
      'CN=b+OU=a+OU=c,O=Example',
    ])
      assert.equal(await isSubject(registered, subject), false, registered);
  });

  it('attribute types by their names, those that OpenSSL prints among them, and by OID', async () => {
    const types: readonly (readonly [oid: string, ...names: readonly string[]])[] = [
      ['2.5.4.4', 'SN', 'surname'],
      ['2.5.4.5', 'serialNumber'],
      ['2.5.4.7', 'L', 'localityName'],
      ['2.5.4.9', 'street', 'STREET'],
      ['2.5.4.42', 'GN', 'givenName'],
      ['2.5.4.97', 'organizationIdentifier'],
      ['0.9.2342.19200300.100.1.1', 'UID', 'userId'],
      ['0.9.2342.19200300.100.1.25', 'DC', 'domainComponent'],
      ['1.2.840.113549.1.9.1', 'emailAddress', 'E'],
      ['1.3.6.1.4.1.311.60.2.1.3', 'jurisdictionC'],
      ['1.3.6.1.4.1.99999.1'],
      ['2.999.1'],
    ];
    for (const [oid, ...names] of types) {
      const subject: JsonNameParams = [{ [oid]: ['value'] }];
      for (const name of [oid, ...names])
        assert.equal(await isSubject(`${name}=value`, subject), true, `${name} ${oid}`);
    }
  });

  describe('what is no name never matches', () => {
    const rows = [
      '',
      ' ',
      'CN',
      '=a',
      'CN=a,',
      ',CN=a',
      'CN=a,,O=b',
      'CN=a+',
      'CN=a;O=b',
      'CN="a"',
      'CN=a\\',
      'CN=a\\x',
      'CN=a\\2',
      'CN=\\ff',
      'CN=\\C3',
      'CN=a<b',
      'CN=a\0b',
      'CN=\ud83d',
      'CN=#',
      'CN=#0',
      'CN=#zz',
      'CN= #zz',
      'CN=#0c0161ff',
      'CN=#0c01611',
      'CN=#0c0161zz',
      'CN=#0c01610c0161',
      'CN=#0c0261',
      'CN=#13025C',
      'CN=#0c01ff',
      'unknownType=a',
      'constructor=a',
      '2.5.4.03=a',
      '2..5=a',
      '2.5.4.=a',
      `2.${'1'.repeat(3000)}=a`,
      `CN=${'a'.repeat(3000)}`,
      '/CN=a/O=b',
    ];
    for (const text of rows) {
      it(JSON.stringify(text.slice(0, 40)), () => assert.equal(parseName(text), undefined));
    }

    it('nor does an empty subject, or one that cannot be read', async () => {
      const { certificate } = await selfSigned({ subject: [] });
      assert.equal(subjectOf(certificate), undefined);
      const broken = [
        Buffer.alloc(0),
        der(0x30, der(0x31, der(0x30, der(0x06, '\x55\x04\x03')))),
        der(0x30, der(0x31, der(0x30, der(0x0c, 'a'), der(0x0c, 'a')))),
        der(0x30, der(0x31, der(0x30, der(0x06, '\x55\x04\x03'), der(0x0c, '\xff')))),
        der(0x30, der(0x31, der(0x30, der(0x06, '\x55\x04\x03'), der(0x13, '\xe9')))),
        der(0x30, der(0x31, der(0x30, der(0x06, '\xff'.repeat(80)), der(0x0c, 'a')))),
        Buffer.from('3080', 'hex'),
        Buffer.from('30053103300106', 'hex'),
      ];
      for (const subject of broken) assert.equal(subjectOf(certificateOf(subject)), undefined, subject.toString('hex'));
      assert.equal(subjectOf({ raw: Buffer.from('ff', 'hex') } as X509Certificate), undefined);
    });

    it('whatever it is, it is a name or none, and never an error', () => {
      const part = fc.constantFrom('CN', 'O', '=', ',', '+', '\\', '#', ' ', '0c', 'é', '2.5', '"', '\0', 'a');
      const texts = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''));
      fc.assert(
        fc.property(fc.oneof(texts, fc.string({ unit: 'binary' })), (text) => {
          assert.ok(['string', 'undefined'].includes(typeof parseName(text)));
        }),
        { numRuns: 2000 },
      );
    });
  });
});

describe('alternative names', () => {
  const NAMES: Readonly<Record<AlternativeName, string>> = {
    dns: 'Client.Example',
    uri: 'spiffe://example/client?a=1',
    ip: '2001:db8::a',
    email: 'Jo.Doe@Mail.Example',
  };
  const IN_ALL: CertificateOptions = {
    names: [
      { type: 'dns', value: 'other.example' },
      { type: 'dns', value: NAMES.dns },
      { type: 'url', value: NAMES.uri },
      { type: 'ip', value: NAMES.ip },
      { type: 'ip', value: '192.0.2.7' },
      { type: 'email', value: NAMES.email },
      { type: 'dns', value: '*.wild.example' },
    ],
  };

  describe('RFC 8705 §2.1.2, RFC 5280 §7: compared as exactly as each kind has it', () => {
    const rows: readonly (readonly [kind: AlternativeName, registered: string, is: boolean])[] = [
      ['dns', 'client.example', true],
      ['dns', 'CLIENT.EXAMPLE', true],
      ['dns', 'other.example', true],
      ['dns', 'client.example.', false],
      ['dns', '.example', false],
      ['dns', 'example', false],
      ['dns', '*.example', false],
      ['dns', 'a.wild.example', false],
      ['dns', '*.wild.example', true], // as any other characters
      ['dns', '192.0.2.7', false],
      ['dns', '', false],
      ['uri', NAMES.uri, true],
      ['uri', NAMES.uri.toUpperCase(), false],
      ['uri', 'spiffe://example/client', false],
      ['uri', 'client.example', false],
      ['ip', '2001:db8::a', true],
      ['ip', '2001:DB8:0:0:0:0:0:A', true],
      ['ip', '2001:0db8:0000:0000:0000:0000:0000:000a', true],
      ['ip', '2001:db8::0.0.0.10', true],
      ['ip', '2001:db8::b', false],
      ['ip', '2001:db8::a%eth0', false],
      ['ip', '[2001:db8::a]', false],
      ['ip', '192.0.2.7', true],
      ['ip', '192.0.2.07', false],
      ['ip', '::ffff:192.0.2.7', false],
      ['ip', '192.0.2.7/32', false],
      ['ip', 'client.example', false],
      ['email', 'Jo.Doe@mail.example', true],
      ['email', 'jo.doe@mail.example', false],
      ['email', 'mail.example', false],
      ['email', '@mail.example', false],
    ];
    for (const [kind, registered, is] of rows) {
      it(`${kind} ${is ? 'is' : 'is not'} ${registered}`, async () => {
        const { certificate } = await selfSigned(IN_ALL);
        assert.equal(hasAlternativeName(certificate, kind, registered), is);
      });
    }
  });

  it('each kind for itself', async () => {
    const types = { dns: 'dns', uri: 'url', ip: 'ip', email: 'email' } as const;
    const values = { dns: 'a.example', uri: 'https://a.example/', ip: '192.0.2.1', email: 'a@a.example' } as const;
    const kinds = Object.keys(types) as AlternativeName[];
    for (const kind of kinds) {
      const { certificate } = await selfSigned({ names: [{ type: types[kind], value: values[kind] }] });
      assert.deepEqual(
        kinds.filter((one) => hasAlternativeName(certificate, one, values[one])),
        [kind],
      );
    }
  });

  it('CVE-2021-44532, CVE-2021-44533: what looks like another name in print is none', async () => {
    const odd = 'a.example, DNS:client.example';
    const { certificate } = await selfSigned({
      rawNames: der(0x30, der(0x82, odd), der(0x86, 'http://a", DNS:b.example')),
    });
    assert.equal(hasAlternativeName(certificate, 'dns', 'client.example'), false);
    assert.equal(hasAlternativeName(certificate, 'dns', 'b.example'), false);
    assert.equal(hasAlternativeName(certificate, 'dns', odd), true);
    const { certificate: cut } = await selfSigned({ rawNames: der(0x30, der(0x82, 'client.example\0.evil.example')) });
    assert.equal(hasAlternativeName(cut, 'dns', 'client.example'), false);
  });

  it('no other kind of name, and no name in the subject', async () => {
    const { certificate } = await selfSigned({
      subject: 'CN=client.example',
      rawNames: der(
        0x30,
        der(0xa4, der(0x30)),
        der(0x88, '\x2a\x03'),
        der(0xa0, der(0x06, '\x2a'), der(0xa0, der(0x0c, 'client.example'))),
      ),
    });
    assert.equal(hasAlternativeName(certificate, 'dns', 'client.example'), false);
  });

  const BROKEN: Readonly<Record<string, Buffer>> = {
    'an address of five bytes': der(0x30, der(0x87, '\xc0\x00\x02\x07\x00')),
    'a name that is not ASCII': der(0x30, der(0x82, '\xe9.example'), der(0x87, '\xc0\x00\x02\x07')),
    'a length that is too long': Buffer.from('3006870ac0000207', 'hex'),
    'an indefinite length': Buffer.from('30808704c00002070000', 'hex'),
    nothing: Buffer.alloc(0),
  };
  for (const [what, rawNames] of Object.entries(BROKEN)) {
    it(`what cannot be read is no name: ${what}`, async () => {
      const { certificate } = await selfSigned({ rawNames });
      const address = what.startsWith('a name') ? '192.0.2.8' : '192.0.2.7';
      assert.equal(hasAlternativeName(certificate, 'ip', address), false);
      assert.equal(hasAlternativeName(certificate, 'dns', '\u00e9.example'), false);
    });
  }

  it('and what is registered that is no name is not what cannot be read', async () => {
    const { certificate } = await selfSigned({ rawNames: der(0x30, der(0x87, '\xc0\x00\x02\x07\x00'), der(0x82)) });
    for (const text of ['192.0.2.7.0', 'client.example', ''])
      assert.equal(hasAlternativeName(certificate, 'ip', text), false);
    assert.equal(hasAlternativeName(certificate, 'dns', ''), false);
  });

  it('X.690 §10.1: lengths that are not definite, and tags of several bytes, are not read', async () => {
    const name = der(0x82, 'client.example');
    const rest = der(0x88, 'x'.repeat(126 - name.length));
    const raws = [
      Buffer.concat([Buffer.from([0x30, 0x80]), name, rest]),
      der(0x30, Buffer.from([0x9f, 0x02, 0x01, 0x41]), name),
    ];
    for (const rawNames of raws) {
      const { certificate } = await selfSigned({ rawNames });
      assert.equal(hasAlternativeName(certificate, 'dns', 'client.example'), false);
    }
  });

  it('RFC 5280 §4.2: two such extensions count as none; without extensions there is none', async () => {
    const extension = (name: string) => der(0x30, der(0x06, '\x55\x1d\x11'), der(0x04, der(0x30, der(0x82, name))));
    const fields = [der(0x02, '\x01'), ...Array.from({ length: 5 }, () => der(0x30))];
    const having = (...extensions: readonly Buffer[]) =>
      ({ raw: der(0x30, der(0x30, ...fields, der(0xa3, der(0x30, ...extensions)))) }) as X509Certificate;
    assert.equal(hasAlternativeName(having(extension('a.b')), 'dns', 'a.b'), true);
    assert.equal(hasAlternativeName(having(extension('a.b'), extension('c.d')), 'dns', 'a.b'), false);
    assert.equal(hasAlternativeName({ raw: der(0x30, der(0x30, ...fields)) } as X509Certificate, 'dns', 'a.b'), false);
  });

  it('bytes changed anywhere: a name or none, and never an error', async () => {
    const { certificate } = await selfSigned({ ...IN_ALL, subject: 'C=DE, O=Example, CN=client' });
    const changes = fc.array(fc.tuple(fc.nat(certificate.raw.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(changes, (all) => {
        const raw = Buffer.from(certificate.raw);
        for (const [at, byte] of all) raw[at] = byte;
        const changed = { raw } as X509Certificate;
        assert.ok(['string', 'undefined'].includes(typeof subjectOf(changed)));
        for (const [kind, name] of Object.entries(NAMES))
          assert.equal(typeof hasAlternativeName(changed, kind as AlternativeName, name), 'boolean');
      }),
      { numRuns: 2000 },
    );
  });
});
