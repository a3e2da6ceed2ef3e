/** A refresh token at the token endpoint. @see RFC 6749 §6, RFC 9700 §4.14.2 */
import { granted, livesFor, tokensIn } from './exchange.js';
import {
  type Family,
  KEPT,
  type Moment,
  presence,
  type Refresh,
  replaceAt,
  traces,
  type World,
  withAccess,
  withTokens,
  wordsOf,
} from './family.js';
import { answered, type Case, ending, goesOn, nobodys, own, type Progress, refused, type Step, step } from './steps.js';
import { delayOf, isUnsure } from './told.js';

const REFUSED = refused('invalid_grant', 'Invalid refresh token');
export const WIDER = 'admin';
const TOO_WIDE = refused('invalid_scope', `Scope was not granted: ${WIDER}`);
const PAIR = 'access_token,refresh_token';

/** What the request asks for; nothing where it leaves that to the server. */
export function scopeAsked(scope: Case['asked']['scope'], family: Family): string | undefined {
  const words = family.scope.split(' ');
  if (scope === 'same') return undefined;
  if (scope === 'wider') return `${family.scope} ${WIDER}`;
  return scope === 'narrower' ? words[0] : words.at(-1);
}

function denied(at: Case, world: World): Progress {
  return answered(world, REFUSED, nobodys(at.asked.clientID, 'denied', 'refresh_token'));
}

function isOld(at: Case, kind: 'access' | 'refresh'): boolean {
  const token = tokensIn(at.seen)[kind];
  return token !== undefined && at.asked.family.given[kind].includes(token);
}

/** Spent, and its successor born, in one: no crash leaves one without the other. */
function rotate(at: Case, world: World, token: Refresh): Progress[] {
  const { asked, moment } = at;
  if (isOld(at, 'access') || isOld(at, 'refresh')) return [];
  const scope = scopeAsked(asked.scope, asked.family) ?? asked.family.scope; // only ever what was granted, or less
  const tokens = tokensIn(at.seen);
  const next = { access: world.access.length, refresh: world.refresh.length };
  const expiresAt = Math.min(token.endsAt, moment.now + Math.max(KEPT, moment.grace));
  const spent = { spentAt: moment.store, expiresAt, next };
  const refresh = replaceAt(world.refresh, world.refresh.indexOf(token), spent);
  const rotated = withTokens({ ...world, refresh }, asked.family, scope, tokens, moment);
  const answer = granted(tokens, livesFor(asked.family, moment), scope);
  return [answered(rotated, answer, own(at, 'refreshed', `${PAIR} ${scope}`))];
}

/** Where an answer was lost, this is how its refresh token becomes known. */
function showSuccessor(at: Case, world: World, place: number): World[] {
  const { token } = world.refresh[place] ?? {};
  const shown = tokensIn(at.seen).refresh;
  if (token === undefined && isOld(at, 'refresh')) return [];
  return [{ ...world, refresh: replaceAt(world.refresh, place, { token: token ?? shown }) }];
}

/** The same answer again. */
function again(at: Case, world: World, { next }: Required<Pick<Refresh, 'next'>>): Progress[] {
  const access = world.access[next.access];
  if (!access || (access.token === undefined && isOld(at, 'access'))) return [];
  const token = access.token ?? tokensIn(at.seen).access;
  return showSuccessor(at, world, next.refresh).map((shown) => {
    const known = { ...shown, access: replaceAt(shown.access, next.access, { token }) };
    const tokens = { access: token, refresh: known.refresh[next.refresh]?.token };
    const left = Math.max(0, access.expiresAt - at.moment.now);
    const told = own(at, 'refreshed', `${PAIR} again ${access.scope}`);
    return answered(known, granted(tokens, left, access.scope), told);
  });
}

/** Another access token, beside the same successor, for whoever asks for less than the first did: never more than was asked for. */
function againWithLess(at: Case, { next }: Required<Pick<Refresh, 'next'>>, scope: string): Step {
  const { asked, moment } = at;
  const { access } = tokensIn(at.seen);
  const take = (world: World): Progress[] => {
    if (world.ended) return [denied(at, world)];
    if (isOld(at, 'access')) return [];
    return showSuccessor(at, world, next.refresh).map((shown) => {
      const known = withAccess(shown, asked.family, scope, access, moment);
      const answer = granted(
        { access, refresh: known.refresh[next.refresh]?.token },
        livesFor(asked.family, moment),
        scope,
      );
      return answered(known, answer, own(at, 'refreshed', `${PAIR} again ${scope}`));
    });
  };
  return { name: 'less', take };
}

/**
 * Within the window, which is measured by the store's clock alone, since those of processes differ. Or because its client was told to try
 * again: by a process that does not know whether it was spent; or when it asked in the window, or before it was spent.
 */
function mayComeAgain(token: Refresh, moment: Moment): boolean {
  const { store, grace } = moment;
  if (grace === 0) return false;
  const age = store - (token.spentAt ?? 0);
  const delay = delayOf(token, moment);
  const wasInTime = delay !== undefined && age - delay <= grace;
  return Math.abs(age) <= grace || isUnsure(token, moment) || wasInTime; // either way: clocks step back
}

/** A spent token that may not come again. */
function replayed(at: Case, world: World, token: Refresh): Progress {
  if (isUnsure(token, at.moment)) return denied(at, world); // nobody has stolen anything
  return goesOn(world, ending(at, REFUSED), own(at, 'replayDetected', 'refresh_token'));
}

/** What both the first request and this one asked for, where that is less than the first got. */
function asksForLess(at: Case, world: World, { next }: Required<Pick<Refresh, 'next'>>): string | undefined {
  const asked = scopeAsked(at.asked.scope, at.asked.family)?.split(' ');
  const first = wordsOf(world.access[next.access]?.scope);
  const both = asked && first.filter((word) => asked.includes(word));
  return both && both.length < first.length ? both.join(' ') : undefined;
}

/** The token that is spent, or was. */
function spend(at: Case, world: World, token: Refresh): Progress[] {
  if (token.spentAt === undefined) return rotate(at, world, token);
  if (!mayComeAgain(token, at.moment)) return [replayed(at, world, token)];
  const { next } = token;
  if (!next) throw new Error('A spent refresh token has no successor in the model');
  const less = asksForLess(at, world, { next });
  return less === undefined ? again(at, world, { next }) : [goesOn(world, againWithLess(at, { next }, less))];
}

/** A step on the token as it is then; what is gone meanwhile was revoked. */
function on(at: Case, name: string, take: (world: World, token: Refresh) => Progress[], gone = denied): Step {
  return {
    name,
    take: (world) => {
      const token = world.refresh.find((each) => each.token === at.asked.token);
      return presence(world, token, at.moment).flatMap((there) =>
        there && token ? take(world, token) : [gone(at, world)],
      );
    },
  };
}

/** RFC 6749 §6: what was not granted is refused, and costs the client nothing. */
function check(at: Case, world: World): Progress {
  return at.asked.scope === 'wider'
    ? answered(world, TOO_WIDE)
    : goesOn(
        world,
        on(at, 'spend', (...now) => spend(at, ...now)),
      );
}

/** How long ago it was spent is the store's to say. */
function reading(at: Case): Step {
  const take = (world: World, token: Refresh) => [
    mayComeAgain(token, at.moment) ? check(at, world) : replayed(at, world, token),
  ];
  return on(at, 'read', take, check);
}

function present(at: Case, world: World, token: Refresh, trace: 'itself' | 'its family'): Progress {
  if (at.asked.clientID !== at.asked.family.clientID) return denied(at, world);
  // a spent token is known for what it is as long as it would have lived
  if (trace === 'its family') return replayed(at, world, token);
  return token.spentAt === undefined ? check(at, world) : goesOn(world, reading(at));
}

export function refresh(at: Case): Step {
  const { asked, moment } = at;
  return step((world) => {
    const token = world.refresh.find((each) => each.token === asked.token);
    return traces(world, asked.family, token, moment).map((trace) =>
      token && trace !== 'nothing' ? present(at, world, token, trace) : denied(at, world),
    );
  });
}
