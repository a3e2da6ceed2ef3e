/** An attack on signed authorization responses that do not name their client or their server. */
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { type Attack, type AttackOutcome, skipped, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { answerIn, type Page } from '../http.js';
import { describePage } from '../request.js';

/** JARM §2.1: a maximum of 10 minutes. Seconds, with a minute for the clocks. */
const LONGEST = 11 * 60;

type Verify = (response: string) => ReturnType<typeof jwtVerify>;

/** JARM §2.1, §2.4: checks the issuer, the audience and the expiration of a response. */
async function judge(context: AttackContext, verify: Verify, page: Page, member: string): Promise<AttackOutcome> {
  const { issuer, client } = context.target;
  const answer = answerIn(page);
  const response = answer.get('response');
  if (response === null && answer.has(member)) return succeeded(`${member} comes unsigned`);
  if (response === null) throw new Error(`A request for a signed response is answered by ${describePage(page)}`);
  const beside = [...answer.keys()].filter((name) => ['code', 'error', 'state', 'access_token'].includes(name));
  if (beside.length > 0) return succeeded(`${beside.join(' and ')} stands unsigned beside the response`);
  const { alg = '' } = decodeProtectedHeader(response);
  if (/^(none|HS)/.test(alg)) return succeeded(`the response is signed by ${alg}`);
  const { payload } = await verify(response).catch(() => ({ payload: undefined }));
  if (!payload) return succeeded('the response is not signed by a key of jwks_uri');
  if (payload.iss !== issuer) return succeeded(`a response says iss=${payload.iss}, not ${issuer}`);
  if (payload.aud !== client.client_id) return succeeded(`a response says aud=${payload.aud}, not ${client.client_id}`);
  const { exp = Number.POSITIVE_INFINITY } = payload;
  if (exp > Date.now() / 1000 + LONGEST) return succeeded(`a response is good until ${exp}`);
  if (!(member in payload)) throw new Error(`A signed response has no ${member}: ${JSON.stringify(payload)}`);
  return withstood;
}

export const signedResponseMixUp: Attack = {
  name: 'signed-response-mix-up',
  title: 'a signed response does not name its issuer and its client, or unsigned parameters come with it',
  clause: 'JARM §2.1',
  async run(context) {
    const { jwks_uri: uri, authorization_signing_alg_values_supported: algorithms } = await context.metadata();
    if (!Array.isArray(algorithms)) return skipped('the metadata has no authorization_signing_alg_values_supported');
    if (typeof uri !== 'string') return skipped('the metadata has no jwks_uri');
    const keys = createRemoteJWKSet(new URL(uri));
    const verify: Verify = (response) => jwtVerify(response, keys, { currentDate: new Date() });
    const { client } = context.target;
    const visitor = await context.visitor();
    const asked = await context.dialog(visitor, client, { response_mode: 'jwt' });
    const success = await judge(context, verify, await visitor.post(asked.form.action, asked.form.fields), 'code');
    if (success.outcome !== 'withstood') return success;
    const denied = await context.dialog(visitor, client, { response_mode: 'jwt' });
    const form = context.formOf(denied.page, 'deny') ?? denied.form;
    return judge(context, verify, await visitor.post(form.action, form.fields), 'error');
  },
};
