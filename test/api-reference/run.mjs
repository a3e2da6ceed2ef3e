/**
 * `npm run reference`: the API reference of every entry of the package, as HTML in test/output/reference. Ends with 1, and writes nothing, where typedoc warns of anything: a link that leads
 * nowhere, a parameter that there is not, a type in a signature that has no page.
 */
import { join, relative } from 'node:path';
import { Application, Converter, ReflectionKind } from 'typedoc';
import { readEntries } from '../../build/entries.ts';
import { root } from '../run.ts';

const out = join(root, 'test', 'output', 'reference');
const entries = new Map(readEntries().map(({ specifier, path }) => [specifier, join(root, 'lib', `${path}.ts`)]));

/** What typedoc calls an entry, after its file. */
const nameByFile = (file) => relative(join(root, 'lib'), file).replace(/(?:(?<=.)\/index)?\.ts$/, '');
const names = new Map([...entries].map(([entry, file]) => [nameByFile(file), entry]));

const app = await Application.bootstrapWithPlugins({
  name: 'koauthorize',
  entryPoints: [...entries.values()],
  basePath: join(root, 'lib'),
  tsconfig: join(root, 'test/api-reference/tsconfig.json'),
  plugin: ['typedoc-plugin-missing-exports'],
  internalModule: 'not exported', // types that signatures name, to be read, and not to be imported
  readme: 'none', // README.md links to what the reference does not have
  disableSources: true, // links to sources want the address of the repository
  excludeExternals: true,
  excludePrivate: true,
  includeVersion: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true },
});

app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    module.name = names.get(module.name) ?? module.name;
  }
});

const project = await app.convert();
if (project) app.validate(project);
const written = new Set(project?.children?.map(({ name }) => name));
for (const entry of entries.keys()) if (!written.has(entry)) app.logger.error(`The reference has no page of ${entry}`);
if (!project || app.logger.hasErrors() || app.logger.hasWarnings()) process.exit(1);
await app.generateDocs(project, out);
console.log(`${written.size} entries: ${relative(process.cwd(), join(out, 'index.html'))}`);
