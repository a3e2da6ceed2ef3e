/** What is asked about tokens, and what ends them. @see RFC 7009, RFC 7662 */
import {
  type Access,
  type Family,
  type Moment,
  presence,
  type Refresh,
  recordOfFamily,
  replaceAt,
  traces,
  type World,
  wordsOf,
} from './family.js';
import { answered, type Case, ending, goesOn, own, type Progress, type Step, step } from './steps.js';

const NOTHING = { status: 200, body: {} };
const INACTIVE = { status: 200, body: { active: false } };

/** Of a refresh token that was spent long ago nothing is left but its family. */
type Found = { readonly access: Access } | { readonly refresh: Refresh; readonly isLeft: boolean } | undefined;

/** What is presented as a token; a code is none. In some worlds it may be there or not. */
function find(world: World, { token, family }: Case['asked'], moment: Moment): readonly Found[] {
  const access = world.access.find((each) => each.token === token);
  if (access) return presence(world, access, moment).map((there) => (there ? { access } : undefined));
  const refresh = world.refresh.find((each) => each.token === token);
  return traces(world, family, refresh, moment).map((trace) =>
    refresh && trace !== 'nothing' ? { refresh, isLeft: trace === 'itself' } : undefined,
  );
}

function asking(at: Case, how: (world: World, found: Found) => Progress): Step {
  return step((world) => find(world, at.asked, at.moment).map((found) => how(world, found)));
}

/** RFC 7662 §2.2: to another client a live token is like none; of a refresh token nobody else is told, not even an API. */
export function introspect(at: Case): Step {
  const { family, by, clientID } = at.asked;
  const isOwn = clientID === family.clientID;
  return asking(at, (world, found) => {
    if (!found) return answered(world, INACTIVE, 'introspected false');
    const about = { active: true, client_id: family.clientID, sub: family.subject };
    if ('refresh' in found) {
      const counts = isOwn && found.isLeft && found.refresh.spentAt === undefined;
      const body = { ...about, exp: found.refresh.endsAt };
      return answered(world, counts ? { status: 200, body } : INACTIVE, own(at, 'introspected', `${counts}`));
    }
    const { scope, issuedAt, expiresAt } = found.access;
    const body = { ...about, exp: expiresAt, iat: issuedAt, ...(scope && { scope }), token_type: 'Bearer' };
    return answered(world, isOwn || by === 'api' ? { status: 200, body } : INACTIVE, own(at, 'introspected', 'true'));
  });
}

export function verify(at: Case): Step {
  const { id, clientID, subject } = at.asked.family;
  return asking(at, (world, found) => {
    if (!found || 'refresh' in found) return answered(world, 'nothing');
    const { scope, issuedAt, expiresAt } = found.access;
    return answered(world, { clientID, subject, authorizationID: id, expiresAt, scope: wordsOf(scope), issuedAt });
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

/** Looks for something of the authorization, a code included, and then ends all of it: whatever is on its way meanwhile. */
function endingAll(at: Case, records: (world: World) => readonly Parameters<typeof presence>[1][]): Step {
  return step((world) => {
    const there = records(world).map((each) => presence(world, each, at.moment));
    const yes = goesOn(world, ending(at, true));
    const no = answered(world, false);
    if (there.some((each) => !each.includes(false))) return [yes];
    return there.some((each) => each.includes(true)) ? [yes, no] : [no];
  });
}

function unspent({ code, access, refresh }: World) {
  return [code, ...access, ...refresh].filter((each) => !('spentAt' in each) || each.spentAt === undefined);
}

/** `revokeAuthorization`: by its user, as long as there is anything. */
export function end(at: Case): Step {
  return endingAll(at, (world) => (at.asked.by === 'owner' ? unspent(world) : []));
}

/** Whether `revokeAll` means an authorization. */
export function isMeant({ by, family: { subject, clientID } }: Case['asked'], family: Family): boolean {
  const [isUsers, isClients] = [family.subject === subject, family.clientID === clientID];
  return by === 'owner' ? isUsers : by === 'other' ? isClients : isUsers && isClients;
}

/** `revokeAll` of a user finds what was not spent, and of a client whatever is stored; unless others end it before its turn comes. */
export function endAll(at: Case): Step {
  if (at.asked.by !== 'other') return endingAll(at, unspent);
  const whatever = (world: World) => [
    ...unspent(world),
    ...world.refresh,
    world.code,
    recordOfFamily(world, at.asked.family),
  ];
  const first = endingAll(at, whatever);
  const orNot = (next: Step): Step => ({
    name: next.name,
    take: (world) => (world.ended ? [answered(world, false), ...next.take(world)] : next.take(world)),
  });
  return step((world) => first.take(world).map((each) => (each.next ? { ...each, next: orNot(each.next) } : each)));
}

/** `listAuthorizations`: live ones, once each; what lives longest speaks for it. A code that nobody redeemed is not listed. */
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
        answered(world, { authorizationID, clientID, expiresAt: each.expiresAt, scope: wordsOf(scope) }),
      );
    return sure.length > 0 ? rows : [...rows, answered(world, 'nothing')];
  });
}
