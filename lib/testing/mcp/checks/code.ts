/** Checks that a code can be exchanged once, and by its own client only. */
import { describePage } from '../../attack/request.js';
import { type Check, FlowFailed, server } from '../check.js';
import { isAdmitted } from '../exam/calls.js';
import { documentIn, text } from '../exam/members.js';

export const codes: readonly Check[] = [
  server.must(
    'code-once',
    'RFC 6749 §4.1.2',
    'A code can be exchanged only once',
    async ({ flow }) => {
      const obtained = await flow.code();
      const first = await flow.exchange(obtained);
      if (first.status !== 200) throw new FlowFailed(`An honest exchange gives no token: ${describePage(first)}`);
      const again = await flow.exchange(obtained);
      return 'access_token' in documentIn(again).members ? 'it was exchanged twice' : undefined;
    },
    ['security.2'],
  ),
  server.should(
    'code-replay-ends-tokens',
    'RFC 6749 §4.1.2',
    'If a code is used twice, the tokens that were issued for it end',
    async ({ flow, goodToken, call }) => {
      await goodToken();
      const obtained = await flow.code();
      const { members } = documentIn(await flow.exchange(obtained));
      await flow.exchange(obtained);
      const [access, refresh] = [text(members['access_token']), text(members['refresh_token'])];
      if (refresh === undefined) {
        // an access token that is a JWT may stay valid until it expires; an opaque one must end
        const isJWT = access?.split('.').length === 3;
        return !isJWT && isAdmitted(await call(`Bearer ${access}`)) ? 'its access token still works' : undefined;
      }
      const page = await flow.post(obtained.client, { grant_type: 'refresh_token', refresh_token: refresh });
      return page.status === 200 ? 'its refresh token still works' : undefined;
    },
  ),
  server.must(
    'code-of-another-client',
    'RFC 6749 §4.1.3',
    'A code is not exchanged for another client',
    async ({ flow, registration }) => {
      await flow.honest();
      const page = await flow.exchange(await flow.code(), {}, await registration.otherClient());
      return 'access_token' in documentIn(page).members ? 'it was exchanged' : undefined;
    },
    ['security.2'],
  ),
];
