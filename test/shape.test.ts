/** oauth2orize's forms of a call. */
import assert from 'node:assert/strict';
import type { OptionNames } from '../lib/options.js';
import {
  isByHand,
  splitIssueArguments,
  splitOptions,
  standard,
  takesOne,
  takesRequest,
} from '../lib/registry/shape.js';

const [issue, more, object, options] = [
  () => 'code',
  () => undefined,
  { issue: () => 'code' },
  { scopeSeparator: ',' },
];
const KNOWN: OptionNames<{ scopeSeparator?: string }> = { scopeSeparator: true };

describe('shape', () => {
  const issuers: readonly [args: [unknown, unknown?, unknown?], options: unknown, issue: unknown, more: unknown][] = [
    [[issue], undefined, issue, undefined],
    [[object], undefined, object, undefined],
    [[issue, more], undefined, issue, more],
    [[object, more], undefined, object, more],
    [[options, issue], options, issue, undefined],
    [[options, object, more], options, object, more],
    [[undefined, issue], undefined, issue, undefined],
  ];
  for (const [args, ...expected] of issuers) {
    it(`splitIssueArguments(${args.map((arg) => (arg === more ? 'more' : typeof arg === 'function' ? 'issue' : typeof arg))})`, () =>
      assert.deepEqual(splitIssueArguments('x', KNOWN, ...args), expected));
  }

  for (const args of [[], [undefined], [{}], [options, {}], [null, null]] as [unknown?, unknown?][]) {
    it(`splitIssueArguments(${JSON.stringify(args)}) throws`, () =>
      assert.throws(
        () => splitIssueArguments('grant.code', KNOWN, args[0], args[1]),
        /^TypeError: grant\.code requires an issue callback$/,
      ));
  }

  const calls: readonly [args: unknown[], split: unknown[]][] = [
    [[issue], [{}, issue]],
    [
      [issue, more],
      [{}, issue, more],
    ],
    [
      [options, issue],
      [options, issue],
    ],
    [
      [undefined, issue],
      [{}, issue],
    ],
    [[], [{}]],
  ];
  for (const [args, split] of calls) {
    it(`splitOptions of ${args.length ? args.map((arg) => typeof arg) : 'nothing'}`, () =>
      assert.deepEqual(splitOptions('x', KNOWN, args), split));
  }

  it('splitOptions gives a copy of the options', () =>
    assert.notEqual(splitOptions('x', KNOWN, [options])[0], options));

  it('takesOne counts the parameters that a call must give', () => {
    const counted = [() => 0, (_a: never) => 0, (_a: never, _b: never) => 0, (..._all: never[]) => 0];
    assert.deepEqual(counted.map(takesOne), [false, true, false, false]);
    assert.deepEqual(counted.map(takesRequest), [true, true, false, true]);
  });

  it("isByHand tells the application's functions from those that a grant is made with", () => {
    assert.deepEqual([issue, standard(() => 0), undefined].map(isByHand), [true, false, false]);
  });
});
