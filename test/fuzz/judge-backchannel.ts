/** Pages on which users answer what they were asked on their own device. @see CIBA §8 */
import type { Answer } from './answer.js';
import type { Verdict } from './judge.js';
import { errorIn, parseJSON, storeFaults } from './judge-errors.js';
import type { Sent } from './render.js';
import { vocabularyOf } from './vocabulary.js';

const PAGES = ['login', 'consent', 'allowed', 'denied', 'gone'];

/** What a request must have brought for the page that answers it. */
function entryFaults(page: string, { live, draft }: Sent): readonly string[] {
  const isDecided = /^(allowed|denied)$/.test(page);
  if (isDecided !== (draft.method === 'POST')) return [`the page ${page} by ${draft.method}`];
  if (page === 'consent' && !live.kinds.has('askid')) return ['a dialog for whoever was asked nothing'];
  const hasDialog = live.kinds.has('dialogid') && live.kinds.has('dialogcookie');
  return isDecided && !hasDialog ? [`it is ${page} without the dialog`] : [];
}

export function judgeBackchannelPage(answer: Answer, sent: Sent, house: string): Verdict {
  const { status } = answer;
  if (status !== 200) {
    if (sent.isHead) return { outcome: `backchannel ${status} HEAD`, faults: [] };
    const { code, faults } = errorIn(answer, vocabularyOf(house).authorizationErrors);
    return { outcome: `backchannel ${status} ${code}`, faults };
  }
  if (sent.isHead) return { outcome: 'backchannel 200 HEAD', faults: storeFaults(answer) };
  const page = String(parseJSON(answer)?.['page']);
  const faults = [...entryFaults(page, sent), ...storeFaults(answer)];
  return { outcome: `backchannel page ${page}`, faults: PAGES.includes(page) ? faults : [...faults, `a page ${page}`] };
}
