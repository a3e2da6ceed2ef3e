import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportedNames, extensionSources, publicNames, specifier } from './public-names.js';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as Manifest;
const profiles = readdirSync(new URL('../lib/profile/', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(entry.parentPath, entry.name, 'index.ts')))
  .map(({ name }) => name);

/** What a pattern offers: an entry for each name in its place. */
function expand([entry, target]: readonly [string, Manifest['exports'][string]]) {
  if (entry !== './profile/*' || typeof target === 'string') return [[entry, target] as const];
  return profiles.map((name) => {
    const [types, value] = [target.types, target.default].map((path) => path.replace('*', name));
    return [`./profile/${name}`, { types: types ?? '', default: value ?? '' }] as const;
  });
}

const entries = Object.entries(manifest.exports)
  .filter(([entry]) => entry !== './package.json' && entry !== './*')
  .flatMap(expand);
const targets = new Map(entries);

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

/** The source an entry is built from, as tsconfig.json's paths have it. */
function sourceOf(target: string): string {
  return fileURLToPath(new URL(target.replace(/^\.\/dist\//, '../lib/').replace(/\.js$/, '.ts'), import.meta.url));
}

/** The names that the other entries export from the folder of an extension. */
function exportedElsewhere(extension: string): string[] {
  return entries.flatMap(([, target]) => {
    assert.ok(typeof target === 'object');
    const text = readFileSync(sourceOf(target.default), 'utf8');
    const from = new RegExp(`export (?:type )?\\{([^}]*)\\} from '[./]*/extension${extension.slice(1)}/`, 'g');
    return [...text.matchAll(from)].flatMap(([, names = '']) => names.match(/(?!type\b)\b\w+/g) ?? []);
  });
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

  it('package.json offers every folder of lib/extension, by one pattern', () => {
    const target = { types: './dist/extension/*/index.d.ts', default: './dist/extension/*/index.js' };
    assert.deepEqual(manifest.exports['./*'], target);
    assert.ok(extensionSources.size >= 10, `${extensionSources.size}`);
    for (const [entry, file] of extensionSources) {
      assert.ok(existsSync(file), `${entry} has no index.ts`);
      assert.ok(!(entry in publicNames), `${entry} is the name of a part`);
    }
  });

  it('package.json offers every folder of lib/profile that has an index, by one pattern', () => {
    const target = { types: './dist/profile/*/index.d.ts', default: './dist/profile/*/index.js' };
    assert.deepEqual(manifest.exports['./profile/*'], target);
    assert.ok(profiles.length >= 6, profiles.join());
  });

  for (const room of ['extension', 'profile'])
    it(`no index.ts below a folder of lib/${room}: the pattern would publish it`, () => {
      const names = readdirSync(new URL(`../lib/${room}/`, import.meta.url), { recursive: true, encoding: 'utf8' });
      assert.deepEqual(
        names.filter((name) => /^[^/\\]+[/\\].+[/\\]index\.ts$/.test(name)),
        [],
      );
    });

  for (const [entry, file] of extensionSources) {
    it(`${specifier(entry)} has every name of the extension that another entry has`, async () => {
      const { values, types } = exportedNames(file);
      assert.deepEqual(Object.keys(await import(specifier(entry))).sort(), values);
      const missing = exportedElsewhere(entry).filter((name) => ![...values, ...types].includes(name));
      assert.deepEqual(missing, []);
    });
  }

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
        const target = targets.get(entry);
        assert.ok(typeof target === 'object', entry);
        assert.deepEqual(exportedNames(sourceOf(target.default)).types, [...names.types].sort());
      });

      for (const [path, members] of Object.entries(names.members)) {
        it(`${path} has these members`, () => {
          assert.deepEqual(membersOf(member(module, path)), [...members].sort());
        });
      }
    });
  }
});
