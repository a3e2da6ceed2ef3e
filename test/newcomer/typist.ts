/** A reader of a page, who types its blocks in an empty folder, and nothing else. */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, blocksOf } from '../readme/blocks.js';
import { run } from '../run.js';
import { type Program, startedProgram } from './program.js';

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
  const programs: Program[] = [];
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
          const program = startedProgram(step.command, cwd);
          programs.push(program);
          return program.line;
        } else if (step.command !== '') await command(step.command);
      }
      return assert.fail('the page starts no other server');
    },
    rest: () => steps.filter((step) => step.command !== '').map((step) => step.command),
    async stop() {
      for (const program of programs) await program.stop();
    },
  };
}
