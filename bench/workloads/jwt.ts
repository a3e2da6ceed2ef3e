import { jwtRobot, SCOPE } from '../servers/clients.js';
import { basic } from './requests.js';
import { readTokens, WrongAnswer } from './verify.js';
import type { Workload } from './workload.js';

const FORM = `grant_type=client_credentials&scope=${SCOPE}`;
const asRobot = basic(jwtRobot);

/** The algorithm and the type of a JWT. @see RFC 9068 §2.1 */
function headerOf(token: string): unknown[] {
  const [header = '', ...rest] = token.split('.');
  if (rest.length !== 2) return [];
  const { alg, typ } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>;
  return [alg, typ];
}

/** A token that is a JWT, signed for each request. */
export const jwtAccessTokens: Workload = {
  name: 'jwt',
  label: 'client credentials, JWT (ES256)',
  requests: 1,
  async prepare(http) {
    return async () => {
      const answer = await http.post('/token', FORM, asRobot);
      if (String(headerOf(readTokens(answer).accessToken)) !== 'ES256,at+jwt')
        throw new WrongAnswer('Not a JWT access token by ES256', answer);
    };
  },
};
