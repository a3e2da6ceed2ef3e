/** What is asked about tokens, and what ends them. @see RFC 7009, RFC 7662 */
import { type Access, type Moment, presence, type Refresh, replaceAt, type World } from './family.js';
import { answered, type Case, ending, goesOn, own, type Progress, type Step, step } from './steps.js';

const NOTHING = { status: 200, body: {} };
const INACTIVE = { status: 200, body: { active: false } };

type Found = { readonly access: Access } | { readonly refresh: Refresh } | undefined;

/** What is presented as a token; a code is none. In some worlds it may be there or not. */
function find(world: World, token: string, moment: Moment): readonly Found[] {
  const access = world.access.find((each) => each.token === token);
  const refresh = world.refresh.find((each) => each.token === token);
  const found = access ? { access } : refresh && { refresh };
  return presence(world, access ?? refresh, moment).map((there) => (there ? found : undefined));
}

function asking(at: Case, how: (world: World, found: Found) => Progress): Step {
  return step((world) => find(world, at.asked.token, at.moment).map((found) => how(world, found)));
}

/** RFC 7662 §2.2: to another client a live token is like none; of a refresh token nobody else is told, not even an API. */
export function introspect(at: Case): Step {
  const { family, by, clientID } = at.asked;
  const isOwn = clientID === family.clientID;
  return asking(at, (world, found) => {
    if (!found) return answered(world, INACTIVE, 'introspected false');
    const about = { active: true, client_id: family.clientID, sub: family.subject };
    if ('refresh' in found) {
      const counts = isOwn && found.refresh.spentAt === undefined;
      const body = { ...about, exp: found.refresh.expiresAt };
      return answered(world, counts ? { status: 200, body } : INACTIVE, own(at, 'introspected', `${counts}`));
    }
    const { scope, issuedAt, expiresAt } = found.access;
    const body = { ...about, exp: expiresAt, iat: issuedAt, scope, token_type: 'Bearer' };
    return answered(world, isOwn || by === 'api' ? { status: 200, body } : INACTIVE, own(at, 'introspected', 'true'));
  });
}

export function verify(at: Case): Step {
  const { id, clientID, subject } = at.asked.family;
  return asking(at, (world, found) => {
    if (!found || 'refresh' in found) return answered(world, 'nothing');
    const { scope, issuedAt, expiresAt } = found.access;
    return answered(world, { clientID, subject, authorizationID: id, expiresAt, scope: scope.split(' '), issuedAt });
  });
}

/** RFC 7009 §2.1: a refresh token, spent or not, ends everything; an access token ends alone; another client ends nothing. */
export function revoke(at: Case): Step {
  const { family, clientID } = at.asked;
  return asking(at, (world, found) => {
    if (!found || clientID !== family.clientID) return answered(world, NOTHING);
    if ('refresh' in found) return goesOn(world, ending(at, NOTHING, own(at, 'revoked', 'refresh_token')));
    const place = world.access.indexOf(found.access);
    const take = (later: World) => [
      answered(
        { ...later, access: replaceAt(later.access, place, { removed: true }) },
        NOTHING,
        own(at, 'revoked', 'access_token'),
      ),
    ];
    return goesOn(world, { name: 'remove', take });
  });
}

/** `revokeAuthorization`: by its user, as long as there is anything, a code included. */
export function end(at: Case): Step {
  const { by } = at.asked;
  return step((world) => {
    const unused = [world.code, ...world.access, ...world.refresh].filter((each) => !('spentAt' in each));
    const there = by === 'owner' ? unused.map((each) => presence(world, each, at.moment)) : [];
    const yes = goesOn(world, ending(at, true));
    const no = answered(world, false);
    if (there.some((each) => !each.includes(false))) return [yes];
    return there.some((each) => each.includes(true)) ? [yes, no] : [no];
  });
}

/** `listAuthorizations`: live ones, once each; what lives longest speaks for it. Known: a code on its way is not listed. */
export function list(at: Case): Step {
  const { family } = at.asked;
  const { id: authorizationID, clientID } = family;
  return step((world) => {
    const unspent = world.refresh.filter(({ spentAt }) => spentAt === undefined);
    const refresh = unspent.map((each) => ({ each, scope: family.scope }));
    const records = [...world.access.map((each) => ({ each, scope: each.scope })), ...refresh].map((record) => ({
      ...record,
      there: presence(world, record.each, at.moment),
    }));
    const sure = records.filter(({ there }) => !there.includes(false)).map(({ each }) => each.expiresAt);
    const longest = Math.max(0, ...sure);
    const rows = records
      .filter(({ each, there }) => there.includes(true) && each.expiresAt >= longest)
      .map(({ each, scope }) =>
        answered(world, { authorizationID, clientID, expiresAt: each.expiresAt, scope: scope.split(' ') }),
      );
    return sure.length > 0 ? rows : [...rows, answered(world, 'nothing')];
  });
}
