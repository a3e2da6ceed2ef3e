import type { Answer } from '../ask.js';
import type { DoctorRule } from '../rule.js';

/** Seconds for which caches may keep a document. */
function maxAgeOf(answer: Answer | undefined): number {
  const [, seconds] = /(?:^|[,\s])max-age=(\d+)/.exec(String(answer?.headers['cache-control'] ?? '')) ?? [];
  return Number(seconds ?? 0);
}

export const keyOverlap: DoctorRule = {
  name: 'keyOverlap',
  severity: 'error',
  finds: 'keys that are removed before their last token expires, or that sign before every verifier has fetched them',
  looksAt: ['server', 'answers'],
  why: 'At each rotation APIs and clients refuse valid tokens',
  section: 'OpenID Connect Core §10.1.1',
  remedy: 'rotatingKeys({ longestToken }) of the longest JWT, and publishedFirst longer than caches keep the key set',
  examine({ core, answers }) {
    const rotation = core?.keys?.rotation?.();
    if (!core || !rotation) return undefined;
    const { longestToken, publishedFirst } = rotation;
    const facts = core.tokens?.facts?.();
    const kept = maxAgeOf(answers?.jwks);
    return [
      ...(facts?.isSigned && facts.lifetimes.accessToken > longestToken
        ? [
            `Access tokens live for ${facts.lifetimes.accessToken} s, and a key is published for ${longestToken} s after it has signed`,
          ]
        : []),
      ...(kept > publishedFirst
        ? [`The key set may be kept for ${kept} s, and a key signs ${publishedFirst} s after it is published`]
        : []),
    ];
  },
};
