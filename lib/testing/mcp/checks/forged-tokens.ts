/** Checks with forged tokens. */

import { send } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import { newKey, publicKeyAsSecrets, sign, signedByHMAC, unsigned } from '../../attack/signed/jwt.js';
import { api, type Check, type Finding, mcp } from '../check.js';
import type { Exam } from '../exam/exam.js';
import { documentIn, type Members, text } from '../exam/members.js';

interface Parts {
  readonly header: Members;
  readonly claims: Members;
}

function decode(part: string): Members | undefined {
  try {
    return Object(JSON.parse(Buffer.from(part, 'base64url').toString())) as Members;
  } catch {
    return undefined;
  }
}

/** Header and claims of an honest token. If it is no JWT, those that a JWT would have. @see RFC 9068 §2 */
async function partsOf({ goodToken, documents, target }: Exam): Promise<Parts> {
  const [first = '', second = ''] = (await goodToken()).split('.');
  const [header, claims] = [decode(first), decode(second)];
  if (header && claims) return { header, claims };
  const now = Math.floor(Date.now() / 1000);
  return {
    header: { typ: 'at+jwt', alg: 'ES256' },
    claims: {
      iss: await documents.issuer(),
      aud: target.resource,
      sub: 'exam',
      client_id: 'exam',
      iat: now,
      exp: now + 300,
    },
  };
}

async function forgery(
  exam: Exam,
  forge: (parts: Parts) => Promise<readonly string[]> | readonly string[],
): Promise<Finding> {
  for (const token of await forge(await partsOf(exam))) {
    const page = await exam.callWith(token);
    if (page.status !== 401) return describePage(page);
  }
  return undefined;
}

/** The public keys of the authorization server. */
async function keysOf({ documents }: Exam): Promise<readonly Members[]> {
  const uri = text((await documents.server()).members['jwks_uri']);
  const keys = uri === undefined ? [] : documentIn(await send(uri)).members['keys'];
  return Array.isArray(keys) ? keys : [];
}

const HANDLING = mcp('Token Handling');
const REQUIREMENTS = ['handling.1', 'handling.4', 'privilege.2'];

export const forgedTokens: readonly Check[] = [
  api.must(
    'unsigned-token',
    HANDLING,
    'A JWT without a signature is answered with 401',
    (exam) => forgery(exam, ({ header, claims }) => [unsigned(header, claims)]),
    REQUIREMENTS,
  ),
  api.must(
    'token-of-another-key',
    HANDLING,
    'A JWT that somebody else has signed is answered with 401, also with the kid of the right key',
    (exam) =>
      forgery(exam, async ({ header, claims }) => {
        const alg = /^(RS|PS|ES)\d/.test(text(header['alg']) ?? '') ? text(header['alg']) : 'ES256';
        const key = await newKey(alg);
        return [
          await sign({ ...header, alg: key.alg }, claims, key),
          await sign({ ...header, alg: key.alg, jwk: key.publicJWK }, claims, key),
        ];
      }),
    REQUIREMENTS,
  ),
  api.must(
    'token-by-public-key',
    'RFC 8725 §3.1',
    'A JWT whose secret is the public key of the server is answered with 401',
    async (exam) => {
      const keys = await keysOf(exam);
      const secrets = keys.flatMap((key) => [...publicKeyAsSecrets(key as never)]);
      return forgery(exam, ({ header, claims }) => secrets.map((secret) => signedByHMAC(header, claims, secret)));
    },
    ['privilege.2'],
  ),
];
