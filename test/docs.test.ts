/** Nothing public is left out of the documentation. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as core from 'koauthorize';
import * as clientAuth from 'koauthorize/client-auth';
import * as resourceServer from 'koauthorize/resource-server';
import * as testing from 'koauthorize/testing';
import * as tokens from 'koauthorize/tokens';
import { pages } from './readme/pages.js';
import { root } from './run.js';

const text = pages()
  .filter(({ path }) => path !== 'CHANGELOG.md')
  .map(({ markdown }) => markdown)
  .join('\n');

/** What is of that form in the sources. */
function inSources(form: RegExp): readonly string[] {
  const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return sources.flatMap((name) => readFileSync(join(root, 'lib', name), 'utf8').match(form) ?? []);
}

/** Of an interface that only the token service itself uses. */
const internal: ReadonlySet<string> = new Set(['withRefreshToken']);

const isNamed = (word: string): boolean => new RegExp(`(?<![\\w$])${word}(?![\\w$])`).test(text);

describe('README.md and docs/', () => {
  it('never fall back to a secret that everybody can read, where a variable was forgotten', () => {
    const fallback =
      /process\.env(?:\['\w*(?:SECRET|KEY|PASSWORD|TOKEN)\w*'\]|\.\w*(?:SECRET|KEY|PASSWORD|TOKEN)\w*) *(?:\?\?|\|\|) *\[?['"`].*/g;
    assert.deepEqual(text.match(fallback) ?? [], []);
  });
});

describe('README.md and docs/ name', () => {
  it('every public function and class', () => {
    const names = [core, clientAuth, resourceServer, testing, tokens].flatMap((entry) => Object.keys(entry));
    assert.ok(names.length > 40);
    assert.deepEqual(
      names.filter((name) => !isNamed(name)),
      [],
    );
  });

  it('every option', () => {
    const interfaces = inSources(/^export (interface|type) \w*Options\b[\s\S]*?^ *\}/gm);
    const options = interfaces.flatMap((text) => text.match(/(?<=^ +readonly )\w+(?=\??:)/gm) ?? []);
    assert.ok(options.length > 100, `${options.length}`);
    assert.deepEqual(
      options.filter((name) => !isNamed(name) && !internal.has(name)),
      [],
    );
  });

  it('every process warning', () => {
    const codes = inSources(/(?<=')KOAUTHORIZE_[A-Z_]+(?=')/g);
    assert.ok(codes.length > 5);
    assert.deepEqual(
      codes.filter((code) => !isNamed(code)),
      [],
    );
  });
});
