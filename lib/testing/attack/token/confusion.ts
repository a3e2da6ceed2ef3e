/** Attacks that use one kind of credential as another. */
import { BEARER } from '../../../syntax/token-type.js';
import { type Attack, succeeded, withstood } from '../attack.js';
import type { AttackContext } from '../context.js';
import { send } from '../http.js';
import { honest, honestRefused, memberOf, refresh, tokenIn } from './answer.js';

interface Credentials {
  readonly code: string;
  /** The code that the tokens were issued for. */
  readonly verifier: string;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

/** A credential of each kind. */
async function obtain(context: AttackContext): Promise<Credentials> {
  const { client } = context.target;
  const { verifier, ...first } = await context.obtainCode(client);
  const tokens = await context.exchange(client, { verifier, ...first });
  const accessToken = tokenIn(honest(tokens, 'An honest exchange')) ?? '';
  const { code } = await context.obtainCode(client);
  return { code, verifier, accessToken, refreshToken: memberOf(tokens, 'refresh_token') };
}

async function atTokenEndpoint(context: AttackContext, credentials: Credentials): Promise<string | undefined> {
  const { client } = context.target;
  const { code, verifier, accessToken, refreshToken } = credentials;
  const asCode = { 'an access token': accessToken, 'a refresh token': refreshToken };
  const asRefreshToken = { 'an access token': accessToken, 'a code': code };
  for (const [what, value] of Object.entries(asRefreshToken))
    if (tokenIn(await refresh(context, client, value)) !== undefined) return `${what} counted as a refresh token`;
  for (const [what, value] of Object.entries(asCode)) {
    if (value === undefined) continue;
    const { redirect_uri } = client;
    const obtained = { code: value, verifier, redirect_uri, state: '', location: '' };
    for (const code_verifier of [verifier, undefined])
      if (tokenIn(await context.exchange(client, obtained, { code_verifier })) !== undefined)
        return `${what} counted as a code`;
  }
  return undefined;
}

async function atResource(context: AttackContext, credentials: Credentials): Promise<string | undefined> {
  const { resource } = context.endpoints;
  if (resource === undefined) return undefined;
  const ask = async (token: string): Promise<number> =>
    (await send(resource, { headers: { authorization: `${BEARER} ${token}` } })).status;
  const { code, accessToken, refreshToken } = credentials;
  const honestly = await ask(accessToken);
  if (honestly !== 200) throw honestRefused(resource, honestly);
  for (const [what, value] of Object.entries({ 'a refresh token': refreshToken, 'a code': code }))
    if (value !== undefined && (await ask(value)) === 200) return `${what} counted as an access token`;
  return undefined;
}

export const tokenConfusion: Attack = {
  name: 'token-confusion',
  title: 'a code, an access token or a refresh token is accepted as one of the other two',
  clause: 'RFC 6749 §1.5',
  async run(context) {
    const credentials = await obtain(context);
    const found = (await atResource(context, credentials)) ?? (await atTokenEndpoint(context, credentials));
    return found === undefined ? withstood : succeeded(found);
  },
};
