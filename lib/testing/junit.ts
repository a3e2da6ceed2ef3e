/** JUnit XML, which CI systems read. */
import { oneLine } from '../errors/one-line.js';

/** A test of a report. */
export interface JUnitTest {
  /** The group that it is shown in. */
  readonly classname: string;
  readonly name: string;
  /** Absent if it has passed. */
  readonly problem?: { readonly kind: 'failure' | 'skipped' | 'error'; readonly message: string } | undefined;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes a text for XML 1.0, which does not allow control characters, halves of surrogate pairs and U+FFFE: a CI system refuses a report with one of them. */
const escapeXML = (text: string): string => oneLine(text).replace(/[&<>"]/g, (each) => ESCAPES[each] ?? '');

function testcase({ classname, name, problem }: JUnitTest): string {
  const title = `    <testcase classname="${escapeXML(classname)}" name="${escapeXML(name)}"`;
  if (!problem) return `${title}/>`;
  return `${title}><${problem.kind} message="${escapeXML(problem.message)}"/></testcase>`;
}

function testsuite([name, tests]: readonly [string, readonly JUnitTest[]]): string {
  const count = (kind: string): number => tests.filter(({ problem }) => problem?.kind === kind).length;
  const counts = `tests="${tests.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  return [`  <testsuite name="${escapeXML(name)}" ${counts}>`, ...tests.map(testcase), '  </testsuite>'].join('\n');
}

/** @param suites the tests of each suite, by the name of the suite */
export function formatJUnit(suites: Readonly<Record<string, readonly JUnitTest[]>>): string {
  const said = Object.entries(suites).map(testsuite);
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...said, '</testsuites>', ''].join('\n');
}
