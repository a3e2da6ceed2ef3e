/** What `DEBUG=koauthorize:*` prints. */
import assert from 'node:assert/strict';
import { format } from 'node:util';
import createDebug from 'debug';
import { debugAbout } from '../../lib/errors/debug.js';

describe('errors/debug', () => {
  it('writes texts and errors of strangers in one line, without what commands a terminal', () => {
    const [lines, { log }] = [[] as string[], createDebug];
    createDebug.log = (...args: unknown[]) => void lines.push(format(...args));
    createDebug.enable('koauthorize:test');
    const hostile = 'x\u001b[2J\u009b31m\u202e\nforged';
    try {
      debugAbout('test')('%s %s %s %s', hostile, new SyntaxError(hostile), 7, undefined);
    } finally {
      createDebug.disable();
      createDebug.log = log;
    }
    const seen = String.raw`x\u{1b}[2J\u{9b}31m\u{202e}\u{a}forged`;
    assert.equal(lines.length, 1);
    assert.ok(lines[0]?.includes(`koauthorize:test ${seen} SyntaxError: ${seen} 7 undefined`), lines[0]);
  });
});
