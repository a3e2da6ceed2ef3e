import { identifierIn, memberOf } from './member.js';

/** The subject of a user, if the application has no `subject` function: the user's `id`, or else its `sub`. */
export function subjectOf(user: unknown): string | undefined {
  return identifierIn(memberOf(user, 'id') ?? memberOf(user, 'sub'));
}
