/** JUnit XML, whatever it is made of. */
import assert from 'node:assert/strict';
import { formatJUnit } from '../../lib/testing/junit.js';
import { readXML } from '../support/xml.js';

describe('JUnit XML', () => {
  it('has as text whatever the names of suites, groups and tests are, and what was said', () => {
    const hostile = '"/><evil a="b">&amp;\u0007\ud800';
    const problem = { kind: 'error', message: hostile } as const;
    const { children } = readXML(formatJUnit({ [hostile]: [{ classname: hostile, name: hostile, problem }] }));
    const [suite] = children;
    const [test] = suite?.children ?? [];
    const [error] = test?.children ?? [];
    const read = '"/><evil a="b">&amp;\\u{7}\\u{d800}';
    assert.deepEqual({ ...suite?.attributes }, { name: read, tests: '1', failures: '0', errors: '1', skipped: '0' });
    assert.deepEqual({ ...test?.attributes }, { classname: read, name: read });
    assert.deepEqual({ ...error?.attributes }, { message: read });
  });
});
