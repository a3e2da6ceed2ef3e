/** Checks of what the metadata of the authorization server announce. */
import { send } from '../../attack/http.js';
import { type Check, mcp, NotTried, server } from '../check.js';
import { documentIn, list, text } from '../exam/members.js';
import { ofServerMembers } from './server-members.js';

const CODE_PROTECTION = mcp('Authorization Code Protection');
const ASSERTIONS = ['private_key_jwt', 'client_secret_jwt'];
/** RFC 7518 §6: members of private and of symmetric keys. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

export const announced: readonly Check[] = [
  server.must(
    'metadata-pkce',
    CODE_PROTECTION,
    'It announces PKCE with S256: clients do not continue without it',
    ofServerMembers(({ code_challenge_methods_supported: challenges }) =>
      list(challenges).includes('S256') ? undefined : 'code_challenge_methods_supported has no S256',
    ),
    ['overview.1', 'code.8'],
  ),
  server.must(
    'openid-metadata-pkce',
    CODE_PROTECTION,
    'The document of OpenID Connect Discovery announces it, too, if there is one',
    async ({ documents }) => {
      const document = await documents.openid();
      const isSaid = list(document?.members['code_challenge_methods_supported']).includes('S256');
      return !document || isSaid ? undefined : 'code_challenge_methods_supported has no S256';
    },
    ['code.8'],
  ),
  server.should(
    'metadata-no-plain',
    'RFC 7636 §7.2',
    'It does not offer the challenge method plain',
    ofServerMembers(({ code_challenge_methods_supported: challenges }) =>
      list(challenges).includes('plain') ? 'code_challenge_methods_supported has plain' : undefined,
    ),
  ),
  server.should(
    'metadata-public-clients',
    mcp('Overview'),
    'It announces that clients without a secret are accepted',
    ofServerMembers(({ token_endpoint_auth_methods_supported: supported }) =>
      list(supported).includes('none') ? undefined : 'token_endpoint_auth_methods_supported has no none',
    ),
    ['overview.1'],
  ),
  server.must(
    'metadata-assertion-algorithms',
    'RFC 8414 §2',
    'If clients can authenticate by JWTs, it announces the algorithms, and none is not among them',
    ofServerMembers((members) => {
      const asserts = list(members['token_endpoint_auth_methods_supported']).some((each) => ASSERTIONS.includes(each));
      const algorithms = list(members['token_endpoint_auth_signing_alg_values_supported']);
      if (algorithms.includes('none')) return 'none is one';
      return asserts && algorithms.length === 0
        ? 'there are no token_endpoint_auth_signing_alg_values_supported'
        : undefined;
    }),
  ),
  server.should(
    'metadata-documents',
    mcp('Client ID Metadata Documents'),
    'It announces support for documents of clients',
    ofServerMembers(({ client_id_metadata_document_supported: supported }) =>
      supported === true ? undefined : 'it has no client_id_metadata_document_supported',
    ),
  ),
  server.should(
    'metadata-scopes',
    'RFC 8414 §2',
    'It lists the scopes',
    ofServerMembers(({ scopes_supported: scopes }) =>
      list(scopes).length > 0 ? undefined : 'there are no scopes_supported',
    ),
  ),
  server.must('keys-public', 'RFC 7517 §9.2', 'The published keys have no private members', async ({ documents }) => {
    const uri = text((await documents.server()).members['jwks_uri']);
    if (uri === undefined) throw new NotTried('the metadata has no jwks_uri');
    const { keys } = documentIn(await send(uri)).members;
    if (!Array.isArray(keys)) return 'there are no keys';
    const secret = keys.flatMap((key) => PRIVATE.filter((name) => name in Object(key)));
    return secret.length > 0 ? `a key has ${secret.join(', ')}` : undefined;
  }),
];
