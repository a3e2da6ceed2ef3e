/** Checks of single members in the metadata of the authorization server. */
import type { Check, Finding } from '../check.js';
import type { Members } from '../exam/members.js';

export const ofServerMembers =
  (judge: (members: Members) => Finding): Check['run'] =>
  async ({ documents }) =>
    judge((await documents.server()).members);
