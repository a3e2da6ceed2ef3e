/** A reader of a page, who types its blocks in an empty folder, and nothing else. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, blocksOf } from '../readme/blocks.js';
import { run } from '../run.js';

/** What the page says in place of what is true here: the published package, and ports that may be taken. */
export type Replacements = readonly (readonly [said: string | RegExp, here: string])[];

export interface Typist {
  /** Types all blocks up to the next command that goes on running, which is started; gives what it printed up to its first line. */
  typeUntilServer(): Promise<string>;
  /** The commands that are left, which the reader fills in. */
  rest(): readonly string[];
  /** Types a command. */
  command(text: string): Promise<string>;
  stop(): Promise<void>;
}

/** The blocks below a heading, up to the next one of its level. */
export function blocksBelow(markdown: string, heading: string): Block[] {
  const [, section] = markdown.split(`\n## ${heading}\n`);
  assert.ok(section !== undefined, `there is a heading ${heading}`);
  return blocksOf(section.split(/^## /m)[0] ?? '');
}

const runsOn = (command: string): boolean => /^(npx tsx|node) /.test(command);

/** Starts a program, and gives its first line. */
function started(command: string, cwd: string): { child: ChildProcess; line: Promise<string> } {
  const child = spawn('bash', ['-c', `exec ${command}`], { cwd, detached: true });
  const line = new Promise<string>((resolve, reject) => {
    let text = '';
    const add = (data: Buffer): void => {
      text += String(data);
      if (/^(?:Open |\S+ is ready)/m.test(text)) resolve(text);
    };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${text}`)));
  });
  return { child, line };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid); // npx, and what it has started
  await over;
}

/** @param home an empty folder */
export function typist(blocks: readonly Block[], home: string, replacements: Replacements): Typist {
  const here = (text: string): string => replacements.reduce((so, [said, is]) => so.replaceAll(said, is), text);
  const steps = blocks.flatMap(({ language, attributes, text }) =>
    language === 'sh'
      ? here(text)
          .split('\n')
          .map((command) => ({ command, file: undefined, text: '' }))
      : [{ command: '', file: attributes.get('file'), text: here(text) }],
  );
  const children: ChildProcess[] = [];
  let cwd = home;
  const command = async (text: string): Promise<string> => {
    const { ok, stdout, output } = await run('bash', ['-euc', `${text}\necho\npwd`], cwd);
    assert.ok(ok, `${text}: ${output}`);
    const lines = stdout.trimEnd().split('\n');
    cwd = lines.pop() ?? cwd;
    return lines.join('\n');
  };
  return {
    command,
    async typeUntilServer() {
      for (let step = steps.shift(); step; step = steps.shift()) {
        if (step.file !== undefined) appendFileSync(join(cwd, step.file), `${step.text}\n`);
        else if (runsOn(step.command)) {
          const { child, line } = started(step.command, cwd);
          children.push(child);
          return line;
        } else if (step.command !== '') await command(step.command);
      }
      return assert.fail('the page starts no other server');
    },
    rest: () => steps.filter((step) => step.command !== '').map((step) => step.command),
    async stop() {
      for (const child of children) await end(child);
    },
  };
}
