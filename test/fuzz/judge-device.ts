/** Pages on which users let devices in. @see RFC 8628 §3.3 */
import type { Answer } from './answer.js';
import type { Verdict } from './judge.js';
import { errorIn, parseJSON, storeFaults } from './judge-errors.js';
import type { Sent } from './render.js';
import { vocabularyOf } from './vocabulary.js';

const PAGES = ['code', 'login', 'consent', 'allowed', 'denied'];

/** What a request must have brought for the page that answers it. */
function entryFaults(page: string, { live, draft }: Sent): readonly string[] {
  if (draft.method !== 'POST' && page !== 'code') return [`the page ${page} by ${draft.method}`];
  if (page === 'consent' && !live.kinds.has('usercode')) return ['a dialog without a user code'];
  const hasDialog = live.kinds.has('deviceid') && live.kinds.has('devicecookie');
  return /^(allowed|denied)$/.test(page) && !hasDialog ? [`it is ${page} without the dialog`] : [];
}

export function judgeDevicePage(answer: Answer, sent: Sent, house: string): Verdict {
  const { status } = answer;
  if (status !== 200) {
    const { code, faults } = errorIn(answer, vocabularyOf(house).authorizationErrors);
    return { outcome: `device ${status} ${code}`, faults };
  }
  if (sent.isHead) return { outcome: 'device 200 HEAD', faults: storeFaults(answer) };
  const page = String(parseJSON(answer)?.['page']);
  const faults = [...entryFaults(page, sent), ...storeFaults(answer)];
  return { outcome: `device page ${page}`, faults: PAGES.includes(page) ? faults : [...faults, `a page ${page}`] };
}
