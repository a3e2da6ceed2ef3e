/** A retry that was told to retry is no replay: what a process remembers of those whom it told so. DESIGN §7 */
import type { Moment, Told, World } from './family.js';
import { replaceAt } from './family.js';
import type { Asked, Seen } from './steps.js';

/** Seconds for which a process remembers. */
const REMEMBERED = 3600;

type Tellable = { readonly told: readonly Told[] };

function ownOf({ told }: Tellable, { process }: Moment): Told | undefined {
  return told.find((each) => each.process === process);
}

/** Whether this process does not know if the one whom it told so has spent it. */
export function isUnsure(token: Tellable, moment: Moment): boolean {
  return (ownOf(token, moment)?.unsureUntil ?? Number.NEGATIVE_INFINITY) > moment.now;
}

/** For how many seconds the one who asks now has been told to try again. */
export function delayOf(token: Tellable, moment: Moment): number | undefined {
  const own = ownOf(token, moment);
  return own && own.until > moment.now ? moment.now - own.at : undefined;
}

function tell(token: Tellable, moment: Moment, isNowUnsure: boolean): readonly Told[] {
  const own = ownOf(token, moment);
  const until = moment.now + REMEMBERED;
  const unsureUntil = isNowUnsure ? until : own?.unsureUntil;
  const at = moment.now - (delayOf(token, moment) ?? 0);
  return [...token.told.filter((each) => each !== own), { process: moment.process, at, until, unsureUntil }];
}

/** After a client was told to try again. */
export function toldToRetry(
  world: World,
  { deed, kind, token, family }: Asked,
  { broke }: Seen,
  moment: Moment,
): World {
  const isOwn = deed === kindOf(kind);
  if (broke === undefined || !isOwn) return world;
  const isUnsure = broke === 'spending' || (deed === 'exchange' && broke === 'consume');
  if (deed === 'exchange') {
    if (!isUnsure || !family.given.code.includes(token)) return world;
    return { ...world, code: { ...world.code, told: tell(world.code, moment, true) } };
  }
  const place = world.refresh.findIndex((each) => each.token === token);
  const known = world.refresh[place];
  if (!known) return world;
  return { ...world, refresh: replaceAt(world.refresh, place, { told: tell(known, moment, isUnsure) }) };
}

/** What is asked for with a credential of that kind. */
function kindOf(kind: Asked['kind']): Asked['deed'] | undefined {
  return kind === 'code' ? 'exchange' : kind === 'refresh' ? 'refresh' : undefined;
}
