import { dirname, join } from 'node:path/posix';

/** A link of a Markdown file into the repository. */
export interface Link {
  readonly text: string;
  /** Below the root of the repository. */
  readonly path: string;
  /** What stands after `#`, or nothing. */
  readonly anchor: string;
}

function withoutBlocks(markdown: string): string {
  return markdown.replace(/^\s*(`{3,}|~{3,})[\s\S]*?^\s*\1\s*$/gm, '');
}

/** @param page the path of the Markdown file below the root, which its links start from */
export function linksOf(markdown: string, page: string): Link[] {
  const prose = withoutBlocks(markdown).replace(/`[^`\n]*`/g, (code) => (code.includes('](') ? '' : code));
  return [...prose.matchAll(/\[([^\]]*)\]\(([^)\s]+)/g)].flatMap(([, text = '', to = '']) => {
    if (/^[a-z]+:/.test(to)) return [];
    const [path = '', anchor = ''] = to.split('#');
    return [{ text, path: path === '' ? page : join(dirname(page), path), anchor }];
  });
}

/** The anchors of a Markdown file, as GitHub makes them of its headings. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = [...withoutBlocks(markdown).matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set(anchors);
}

/**
 * What is wrong with the links of a page: a file that is not there, a heading that is not there, or a test that has no such title.
 *
 * @param read the text of a file below the root; '' for a folder, undefined where there is nothing
 */
export function deadLinks(markdown: string, page: string, read: (path: string) => string | undefined): string[] {
  return linksOf(markdown, page).flatMap(({ text, path, anchor }) => {
    const file = read(path);
    if (file === undefined) return [`${page}: ${path} is not there`];
    if (anchor !== '' && !anchorsOf(file).has(anchor)) return [`${page}: ${path} has no heading #${anchor}`];
    const isTitle = /\.(test|check)\.ts$/.test(path) && !text.includes('/');
    return isTitle && !file.includes(text) ? [`${page}: ${path} has no test with the title "${text}"`] : [];
  });
}

/**
 * What is wrong with the links to RFCs: a text that names another RFC than the address, and a section in one that is not the section in the other.
 * A text may name no section where the address is of the whole document.
 */
export function wrongRFCs(markdown: string): string[] {
  const links = withoutBlocks(markdown).matchAll(
    /\[([^\]]*)\]\(https?:\/\/[^\s)]*\/rfc(\d+)(?:\.html)?(?:#([^)\s]*))?\)/g,
  );
  return [...links].flatMap(([link, text = '', number, anchor = '']) => {
    const [, named = number] = /RFC (\d+)/.exec(text) ?? [];
    const [, section] = /§([A-Z\d]+(?:\.\d+)*)/.exec(text) ?? [];
    if (named !== number) return [`${link}: RFC ${named} is at rfc${number}`];
    if (anchor === '' && section === undefined) return [];
    const right = /^[A-Z]/.test(section ?? '') ? `appendix-${section}` : `section-${section}`;
    return section !== undefined && anchor !== '' && anchor !== right ? [`${link}: §${section} is at #${right}`] : [];
  });
}

/** What an `@see` may name first: a document of its own name, or a web page. Names of the package are told apart by `isPublic`. */
const DOCUMENTS =
  /^(?:RFC \d+(?:$|,| (?:§|\(|appendix |and )|\.)|draft-[a-z0-9-]+|OpenID Connect |OpenTelemetry|OAuth 2\.0 |FAPI |CIBA(?: |$)|JARM(?: |$)|X\.690 §|https:\/\/|\{@link )/;

/** The `@see` of a source that lead nowhere: to a section of no document, or to a name that is not public. */
export function deadReferences(source: string, isPublic: (name: string) => boolean): string[] {
  const comments = [...source.matchAll(/\/\*\*[\s\S]*?\*\//g)].map(([comment]) => comment.replace(/\n *\* ?/g, '\n'));
  return comments
    .flatMap((comment) => comment.match(/(?<=@see ).*/g) ?? [])
    .map((text) => text.replace(/\s*\*\/$/, ''))
    .filter((text) => !DOCUMENTS.test(text) && !isPublic(/^[\w$]+/.exec(text)?.[0] ?? ''));
}
