/** The report for programs. */
import type { Examination, Found, Use } from '../examine.js';
import { stepsFor } from '../steps.js';

const partOf = ({ rule: { name, found, write, changes, relaxation, docs }, places }: Found) => ({
  ...{ rule: name, found, places, write, changes, relaxation },
  docs: `docs/${docs}`,
});

const useOf = (use: Use) => ({
  library: use.library.name,
  packages: use.packages,
  guide: `docs/${use.library.guide}`,
  steps: stepsFor(use),
  newServer: use.library.frame,
  found: use.found.map(partOf),
  searchFor: [
    ...use.alike.map(({ rule: { name, found }, places }) => ({ rule: name, why: found, places })),
    ...use.library.searches,
  ],
  notUnderstood: use.unknown,
});

/** JSON escapes control characters, so that a terminal is safe from names. */
export function reportAsJSON({ filesRead, uses, notRead }: Examination): string {
  const text = JSON.stringify({ filesRead, libraries: uses.map(useOf), notRead }, undefined, 2);
  return `${text.replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
