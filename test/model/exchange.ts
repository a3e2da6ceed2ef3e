/** A code at the token endpoint: looked up, checked, and spent in the one step that brings in its tokens. @see RFC 6749 §4.1.2, §4.1.3 */
import { type Family, LIFETIMES, type Moment, presence, type Tokens, type World, withTokens } from './family.js';
import {
  answered,
  type Case,
  ending,
  goesOn,
  nobodys,
  own,
  type Progress,
  refused,
  type Seen,
  type Step,
  step,
} from './steps.js';
import { isUnsure } from './told.js';

const REFUSED = refused('invalid_grant', 'Invalid authorization code');
const UNPROVED = refused('invalid_grant', 'code_verifier does not match the code_challenge');

/** The tokens in an answer, if there was one. */
export function tokensIn({ answer }: Seen): Tokens {
  const { body = {} } = (answer ?? {}) as { readonly body?: Readonly<Record<string, string>> };
  return { access: body['access_token'], refresh: body['refresh_token'] };
}

/** A token response, to the last member. @see RFC 6749 §5.1 */
export function granted({ access, refresh }: Tokens, expires_in: number, scope: string): unknown {
  const body = { access_token: access, token_type: 'Bearer', expires_in, refresh_token: refresh, scope };
  return { status: 200, body };
}

/** What a new access token lives: it does not outlive its authorization. */
export function livesFor({ authorizedAt }: Family, { now }: Moment): number {
  return Math.min(LIFETIMES.accessToken, authorizedAt + LIFETIMES.authorization - now);
}

/** A spent code comes again: whether that is a theft or its client was told to try again, what came of it ends. */
function spentBefore(at: Case, world: World, refusal = REFUSED): Progress {
  const what = isUnsure(world.code, at.moment) ? 'denied' : 'replayDetected';
  return goesOn(world, ending(at, refusal), own(at, what, 'code'));
}

/** The code is spent, unless it was spent, or all has ended, meanwhile. */
function spending(at: Case, name: string, refusal: unknown, first: (spent: World) => Progress): Step {
  const take = (world: World): readonly Progress[] =>
    presence(world, world.code, at.moment).map((there) => {
      if (!there) return answered(world, refusal, own(at, 'denied', 'code'));
      if (world.code.spentAt !== undefined) return spentBefore(at, world, refusal);
      return first({ ...world, code: { ...world.code, spentAt: at.moment.store } });
    });
  return { name, take };
}

/** In one step: there is no moment in which the code is spent and its tokens are not there. */
function redeeming(at: Case): Step {
  const { family } = at.asked;
  const tokens = tokensIn(at.seen);
  const answer = granted(tokens, livesFor(family, at.moment), family.scope);
  const told = own(at, 'issued', `access_token,refresh_token ${family.scope}`);
  return spending(at, 'redeem', REFUSED, (spent) =>
    answered(withTokens(spent, family, family.scope, tokens, at.moment), answer, told),
  );
}

/** RFC 9700 §2.1.1: whoever shows a wrong verifier is not let try again. */
function spoiling(at: Case): Step {
  return spending(at, 'spoil', UNPROVED, (spent) => answered(spent, UNPROVED, own(at, 'denied', 'code')));
}

function present(at: Case, world: World): Progress {
  const { asked, moment } = at;
  const { family, clientID, verifier } = asked;
  // RFC 6749 §4.1.3: a code in the wrong hands cannot be used there, nor spent
  if (clientID !== family.clientID) return answered(world, REFUSED, nobodys(clientID, 'denied', 'code'));
  if (world.code.spentAt !== undefined) return spentBefore(at, world);
  if (moment.now >= family.authorizedAt + LIFETIMES.code) return answered(world, REFUSED, own(at, 'denied', 'code'));
  return goesOn(world, verifier === 'wrong' ? spoiling(at) : redeeming(at));
}

/** Known: a code that comes again when the first access token's time is over is refused, and revokes nothing. */
export function exchange(at: Case): Step {
  const { asked, moment } = at;
  const unknown = nobodys(asked.clientID, 'denied', 'code');
  return step((world) => {
    const code = asked.kind === 'code' ? world.code : undefined;
    return presence(world, code, moment).map((there) =>
      there ? present(at, world) : answered(world, REFUSED, unknown),
    );
  });
}
