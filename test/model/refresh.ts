/** A refresh token at the token endpoint. @see RFC 6749 §6, RFC 9700 §4.14.2 */
import { granted, tokensIn } from './exchange.js';
import { type Family, LIFETIMES, presence, type Refresh, replaceAt, type World, withTokens } from './family.js';
import { answered, type Case, ending, goesOn, nobodys, own, type Progress, refused, type Step, step } from './steps.js';

const REFUSED = refused('invalid_grant', 'Invalid refresh token');
export const WIDER = 'admin';
const TOO_WIDE = refused('invalid_scope', `Scope was not granted: ${WIDER}`);
const PAIR = 'access_token,refresh_token';

/** What the request asks for; nothing where it leaves that to the server. */
export function scopeAsked(scope: 'same' | 'narrower' | 'wider', family: Family): string | undefined {
  if (scope === 'same') return undefined;
  return scope === 'narrower' ? family.scope.split(' ')[0] : `${family.scope} ${WIDER}`;
}

/** Spent, and its successor born, in one: no crash leaves one without the other. */
function rotate(at: Case, world: World, place: number): Progress[] {
  const { asked, moment } = at;
  const scope = scopeAsked(asked.scope, asked.family) ?? asked.family.scope; // only ever what was granted, or less
  const tokens = tokensIn(at.seen);
  if (tokens.access !== undefined && asked.family.given.access.includes(tokens.access)) return []; // that is an old one
  const next = { access: world.access.length, refresh: world.refresh.length };
  const refresh = replaceAt(world.refresh, place, { spentAt: moment.now, next });
  const rotated = withTokens({ ...world, refresh }, asked.family, scope, tokens, moment);
  return [answered(rotated, granted(tokens, LIFETIMES.accessToken, scope), own(at, 'refreshed', PAIR))];
}

/** The same answer again; where it was lost, this is how it becomes known. */
function again(at: Case, world: World, { next }: Refresh): Progress[] {
  const access = world.access[next?.access ?? -1];
  const refresh = world.refresh[next?.refresh ?? -1];
  if (!next || !access || !refresh) throw new Error('A spent refresh token has no successor in the model');
  const shown = tokensIn(at.seen);
  const tokens = { access: access.token ?? shown.access, refresh: refresh.token ?? shown.refresh };
  const { given } = at.asked.family;
  const isNew = access.token !== undefined || !shown.access || !given.access.includes(shown.access);
  if (!isNew) return [];
  const known = {
    ...world,
    access: replaceAt(world.access, next.access, { token: tokens.access }),
    refresh: replaceAt(world.refresh, next.refresh, { token: tokens.refresh }),
  };
  const left = Math.max(0, access.expiresAt - at.moment.now);
  return [answered(known, granted(tokens, left, access.scope), own(at, 'refreshed', `${PAIR} again`))];
}

function isWithinGrace({ spentAt = 0 }: Refresh, { now, grace }: Case['moment']): boolean {
  return grace > 0 && Math.abs(now - spentAt) <= grace; // either way: clocks step back
}

function present(at: Case, world: World, token: Refresh): Progress[] {
  const { asked, moment } = at;
  const isSpent = token.spentAt !== undefined;
  if (asked.clientID !== asked.family.clientID)
    return [answered(world, REFUSED, nobodys(asked.clientID, 'denied', 'refresh_token'))];
  if (isSpent && !isWithinGrace(token, moment))
    return [goesOn(world, ending(at, REFUSED), own(at, 'replayDetected', 'refresh_token'))];
  if (asked.scope === 'wider') return [answered(world, TOO_WIDE)]; // and costs the client nothing
  return isSpent ? again(at, world, token) : rotate(at, world, world.refresh.indexOf(token));
}

export function refresh(at: Case): Step {
  const { asked, moment } = at;
  const unknown = nobodys(asked.clientID, 'denied', 'refresh_token');
  return step((world) => {
    const token = world.refresh.find(({ token }) => token === asked.token);
    return presence(world, token, moment).flatMap((there) =>
      there && token ? present(at, world, token) : [answered(world, REFUSED, unknown)],
    );
  });
}
