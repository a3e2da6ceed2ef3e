/** docs/reliability.md says what the exams have found, and nothing else. */
import assert from 'node:assert/strict';
import { withSection } from '../bench/exams/page.js';
import type { Results } from '../bench/exams/results.js';
import { subjects } from '../bench/exams/subjects.js';
import { sectionsOf } from '../bench/exams/tables.js';
import { textOf } from './readme/pages.js';

const results = JSON.parse(textOf('bench/exams/results.json') ?? '') as Results;
const page = textOf('docs/reliability.md') ?? '';

const written = (sections: Readonly<Record<string, string>>): string =>
  Object.entries(sections).reduce((text, [name, markdown]) => withSection(text, name, markdown), page);

/** The results with another one for a server. */
const changed = (name: string, change: object): Results => ({
  ...results,
  [name]: { ...results[name], ...change } as Results[string],
});

describe('the tables of docs/reliability.md', () => {
  it('are made of bench/exams/results.json, letter by letter', () => {
    assert.equal(page, written(sectionsOf(results)));
  });

  it('have each server, examined as much as the others, or say that it is not examined yet', () => {
    for (const { name, label } of subjects)
      assert.ok(name in results || page.includes(`**Not examined yet**: `), label);
    const [effort, ...others] = new Set(Object.values(results).map((one) => JSON.stringify(one.effort)));
    assert.deepEqual(others, []);
    assert.ok(JSON.parse(effort ?? '').races >= 100);
  });

  it('have counts that can be, of the versions of bench/package-lock.json', () => {
    const lock = JSON.parse(textOf('bench/package-lock.json') ?? '').packages;
    for (const { races, versions } of Object.values(results)) {
      for (const { served, senders, tries, several, loggedOut } of races) {
        assert.ok(served <= senders * tries && several <= tries && loggedOut <= tries);
      }
      for (const [name, version] of Object.entries(versions).filter(([one]) => one !== 'koauthorize'))
        assert.equal(version, lock[`node_modules/${name}`]?.version, name);
    }
  });
});

describe('the tables of docs/reliability.md: what the check sees', () => {
  const [first] = subjects;
  const name = first?.name ?? '';

  it('another count', () => {
    const races = results[name]?.races.map((race) => ({ ...race, loggedOut: race.loggedOut + 1 }));
    assert.notEqual(page, written(sectionsOf(changed(name, { races }))));
  });

  it('an attack with another outcome', () => {
    const [attacked, ...others] = results[name]?.attacks ?? [];
    const attacks = [{ ...attacked, outcome: 'succeeded', detail: 'it was taken' }, ...others];
    assert.notEqual(page, written(sectionsOf(changed(name, { attacks }))));
  });

  it('that a marker is missing', () => {
    assert.throws(() => withSection('# One', 'attacks', ''), /no section attacks/);
  });
});
