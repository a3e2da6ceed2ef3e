import type { Evidence } from '../evidence.js';
import type { DoctorRule } from '../rule.js';

/**
 * The audiences of UserInfo, if the server has it: the issuer, and the URL of UserInfo. A token for an API may have one of them in addition, since OpenID
 * Connect requires that UserInfo accepts the access token.
 */
function userInfoIn({ core, issuer = '' }: Evidence): readonly string[] {
  const route = core?.routes.get('userinfo');
  if (!core || !route) return [];
  return [issuer, core.locations.url(core.locations.of('userinfo', route.path), 'userinfo', issuer)];
}

export const audienceTooWide: DoctorRule = {
  name: 'audienceTooWide',
  severity: 'warning',
  finds:
    'access tokens that are JWTs for several APIs, for a pattern, or, without UserInfo, for the authorization server itself',
  looksAt: ['server'],
  why: 'An API that gets such a token can use it at the others; a JWT cannot be taken back before it expires',
  section: 'RFC 9700 §2.3',
  remedy:
    'resourceIndicators({ resources }), with accessTokens: jwt({ audience }) for each API; if there is UserInfo, also an entry for the issuer, without accessTokens',
  examine(evidence) {
    const { core, issuer } = evidence;
    const facts = core?.tokens?.facts?.();
    if (!facts) return undefined;
    const { audience = [], isSigned } = facts;
    const userInfo = userInfoIn(evidence);
    const apis = audience.filter((one) => !userInfo.includes(one));
    const isWide = apis.length > 1 || apis.some((one) => one.includes('*') || one === issuer);
    return isSigned && isWide ? [`Every access token is for ${audience.join(', ')}`] : [];
  },
};
