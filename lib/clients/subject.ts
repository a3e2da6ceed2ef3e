import { identifierIn, memberOf } from './member.js';

/** What stands for one of the application's users, where the application does not say: its `id`, or else its `sub`. */
export function subjectOf(user: unknown): string | undefined {
  return identifierIn(memberOf(user, 'id') ?? memberOf(user, 'sub'));
}
