import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';
import { publicNames, specifier } from './public-names.js';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest;
const entries = Object.entries(manifest.exports).filter(([entry]) => entry !== './package.json');

/** Own and inherited names of a value, without those every object has and without what is private by its name. */
function membersOf(value: object): string[] {
  const names = new Set<string>();
  for (let each = value; each !== null && each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const name of Object.getOwnPropertyNames(each)) {
      names.add(name);
    }
  }
  names.delete('constructor');
  return [...names].sort();
}

function member(module: Record<string, unknown>, path: string): object {
  const name = path.replace('()', '');
  const found = module[name];
  const value = path.endsWith('()') && typeof found === 'function' ? found() : found;
  assert.ok(typeof value === 'object' && value !== null, `${path} is no object`);
  return value;
}

/** The names an entry exports as types only. An entry lists its names: `export *` would hide them from readers. */
function typeNames(file: string): string[] {
  const { module, errors } = parseSync(file, readFileSync(file, 'utf8'), { lang: 'ts', sourceType: 'module' });
  assert.deepEqual(errors, []);
  return module.staticExports
    .flatMap(({ entries }) => entries)
    .map(({ exportName, isType }) => {
      assert.ok(exportName.name !== null, `${file} exports something without naming it`);
      return { name: exportName.name, isType };
    })
    .flatMap(({ name, isType }) => (isType ? [name] : []))
    .sort();
}

/** The source an entry is built from, as tsconfig.json's paths have it. */
function sourceOf(target: string): string {
  return fileURLToPath(new URL(target.replace(/^\.\/dist\//, '../lib/').replace(/\.js$/, '.ts'), import.meta.url));
}

describe('exports', () => {
  it('package.json offers the listed entries, each with its types', () => {
    assert.deepEqual(entries.map(([entry]) => entry).sort(), Object.keys(publicNames).sort());
    for (const [entry, target] of entries) {
      assert.ok(typeof target === 'object', entry);
      assert.match(target.default, /^\.\/dist\/.*\.js$/);
      assert.equal(target.types, target.default.replace(/\.js$/, '.d.ts'));
      assert.deepEqual(Object.keys(target), ['types', 'default'], 'types comes first: the first match wins');
      assert.ok(existsSync(sourceOf(target.default)), `${target.default} has no source`);
    }
  });

  for (const [entry, names] of Object.entries(publicNames)) {
    describe(specifier(entry), () => {
      let module: Record<string, unknown>;
      before(async () => {
        module = await import(specifier(entry));
      });

      it('exports these values', () => {
        assert.deepEqual(Object.keys(module).sort(), [...names.values].sort());
      });

      it('exports these types', () => {
        const target = manifest.exports[entry];
        assert.ok(typeof target === 'object', entry);
        assert.deepEqual(typeNames(sourceOf(target.default)), [...names.types].sort());
      });

      for (const [path, members] of Object.entries(names.members)) {
        it(`${path} has these members`, () => {
          assert.deepEqual(membersOf(member(module, path)), [...members].sort());
        });
      }
    });
  }
});
