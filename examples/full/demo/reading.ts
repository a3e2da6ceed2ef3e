/** Shows the docs of koauthorize and the source of this example. Only listed files of the repository can be read. */
import { readdir, readFile } from 'node:fs/promises';
import Router from '@koa/router';
import { html, type Markup } from '../views/html.js';
import { page } from '../views/layout.js';
import { PLACES } from './places.js';

const PAGE = '/demo/read';
const ROOT = new URL('../../../', import.meta.url);

interface Shelf {
  readonly title: string;
  /** A folder below the root of the repository. */
  readonly folder: string;
  readonly files: RegExp;
}

/** Only source files of the example are listed, since its folder may also contain a database. */
const SHELVES: readonly Shelf[] = [
  { title: 'Docs', folder: 'docs', files: /^[\w/-]+\.md$/ },
  { title: 'Source of this server and of the demo', folder: 'examples/full', files: /^(?!data\/)[\w/-]+\.(ts|css)$/ },
];

async function namesOn({ folder, files }: Shelf): Promise<readonly string[]> {
  const found = await readdir(new URL(folder, ROOT), { recursive: true }).catch(() => []); // the example may have been copied alone
  return found
    .filter((name) => files.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);
}

const folderOf = (name: string): string => name.slice(0, name.lastIndexOf('/'));

const drawer = (folder: string, names: readonly string[]): Markup => html`<details>
<summary>${folder}</summary>
<ul class="files">${names.map((name) => html`<li><a href="${PAGE}/${name}">${name.slice(folder.length + 1)}</a></li>`)}</ul>
</details>`;

const shelf = (title: string, names: readonly string[]): Markup => html`<section>
<h2>${title}</h2>
${[...new Set(names.map(folderOf))].sort().map((folder) =>
  drawer(
    folder,
    names.filter((name) => folderOf(name) === folder),
  ),
)}
</section>`;

export function reading(): Router {
  const router = new Router({ prefix: '/read' });
  let listed: Promise<readonly (readonly string[])[]> | undefined;
  const names = () => (listed ??= Promise.all(SHELVES.map(namesOn)));
  router.get('/', async (ctx) => {
    const lists = await names();
    ctx.body = page({
      place: 'A demo of koauthorize',
      title: 'Docs and source',
      width: 'wide',
      ways: PLACES,
      content: html`<p>What runs here, file by file. Begin with <a href="${PAGE}/examples/full/server.ts">examples/full/server.ts</a>, and with <a href="${PAGE}/examples/full/demo/flow.ts">examples/full/demo/flow.ts</a> for what Postcards does.</p>
${SHELVES.map(({ title }, index) => shelf(title, lists[index] ?? []))}`,
    });
  });
  router.get('/*name', async (ctx) => {
    const name = (await names()).flat().find((one) => ctx.path === `${PAGE}/${one}`);
    if (name === undefined) return ctx.throw(404);
    ctx.type = 'text/plain';
    ctx.body = await readFile(new URL(name, ROOT), 'utf8');
  });
  return router;
}
