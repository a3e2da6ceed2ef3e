/** A code at the token endpoint. @see RFC 6749 §4.1.2, §4.1.3 */
import { LIFETIMES, presence, type Tokens, type World, withTokens } from './family.js';
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

/**
 * Known: an authorization whose code is spent and whose tokens are not yet stored is nowhere, so that `revokeAuthorization` finds
 * nothing to end. That is why this is a step of its own. And if the process dies in front of it, the code is spent for nothing.
 */
function storing(at: Case): Step {
  const { family } = at.asked;
  const tokens = tokensIn(at.seen);
  const answer = granted(tokens, LIFETIMES.accessToken, family.scope);
  const take = (world: World): readonly Progress[] => [
    answered(
      withTokens(world, family, family.scope, tokens, at.moment),
      answer,
      own(at, 'issued', 'access_token,refresh_token'),
    ),
  ];
  return { name: 'store', take };
}

function present(at: Case, world: World): Progress {
  const { asked, moment } = at;
  const { family, clientID, verifier } = asked;
  const isFirst = world.code.spentAt === undefined;
  const spentAt = world.code.spentAt ?? moment.now;
  const spent = { ...world, code: { ...world.code, spentAt } };
  // a code that another client has is in the wrong hands, and good for nobody any more
  if (clientID !== family.clientID) return answered(spent, REFUSED, nobodys(clientID, 'denied', 'code'));
  // whoever was first was too late: that was no use, and this is no replay
  if (spentAt >= family.authorizedAt + LIFETIMES.code) return answered(spent, REFUSED, own(at, 'denied', 'code'));
  if (!isFirst) return goesOn(spent, ending(at, REFUSED), own(at, 'replayDetected', 'code'));
  if (verifier === 'wrong') return answered(spent, UNPROVED);
  return goesOn(spent, storing(at));
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
