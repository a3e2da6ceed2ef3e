/** Links to other sites: which there are in Markdown and in doc comments, and whether they lead somewhere. */

/** Names that belong to nobody, or to this machine: RFC 2606 §2, RFC 6761 §6. Nothing of examples is asked for. */
const RESERVED = /(?:^|\.)(?:example|test|invalid|localhost|example\.(?:com|org|net))$|^\d+(?:\.\d+){3}$|^\[/;

/** Markdown without its code, in which an address is an example. */
function prose(markdown: string): string {
  return markdown.replace(/^\s*(`{3,}|~{3,})[\s\S]*?^\s*\1\s*$/gm, '').replace(/`[^`\n]*`/g, '');
}

function isExternal(address: string): boolean {
  return URL.canParse(address) && !RESERVED.test(new URL(address).hostname);
}

/** The addresses that a Markdown page links to. */
export function linksOfPage(markdown: string): readonly string[] {
  const found = prose(markdown).matchAll(/\]\((https?:[^)\s]+)\)|<(https?:[^>\s]+)>/g);
  return [...found].map(([, link, bare]) => link ?? bare ?? '').filter(isExternal);
}

/** The addresses in the doc comments of a source, but for those in its examples. */
export function linksOfSource(text: string): readonly string[] {
  const comments = [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].map(([comment]) =>
    comment.replace(/@example\b[\s\S]*?(?=\*\/|@see\b)/g, ''),
  );
  const found = comments.flatMap((comment) => prose(comment).match(/https?:\/\/[^\s)>}'"*]+/g) ?? []);
  return found.map((address) => address.replace(/[.,;:]+$/, '')).filter(isExternal);
}

/** Whether a page has the place that `#...` names. A page that is no HTML has none that could be looked for. */
function hasAnchor(text: string, anchor: string): boolean {
  return ['"', "'"].some((quote) => ['id', 'name'].some((name) => text.includes(`${name}=${quote}${anchor}${quote}`)));
}

/** What is wrong with a page, and with the places in it that links name. */
async function deadAt(
  page: string,
  anchors: readonly string[],
  fetchPage: typeof fetch,
  timeout: number,
): Promise<readonly string[]> {
  try {
    const response = await fetchPage(page, { signal: AbortSignal.timeout(timeout * 1000) });
    const text = await response.text();
    if (!response.ok) return [`${page}: ${response.status}`];
    const isHTML = /\bhtml\b/.test(response.headers.get('content-type') ?? '');
    return anchors
      .filter((anchor) => isHTML && !hasAnchor(text, anchor))
      .map((anchor) => `${page}: there is no #${anchor}`);
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return [`${page}: ${cause instanceof Error ? cause.message : cause}`];
  }
}

/**
 * What is wrong with addresses, one sentence for each that leads nowhere. Pages are asked for one after the other, each once.
 *
 * @param fetchPage `fetch`
 * @param timeout seconds for one page
 */
export async function deadAddresses(
  addresses: Iterable<string>,
  fetchPage: typeof fetch,
  timeout = 20,
): Promise<readonly string[]> {
  const anchorsByPage = new Map<string, Set<string>>();
  for (const address of addresses) {
    const [page = '', anchor = ''] = address.split('#');
    const anchors = anchorsByPage.get(page) ?? new Set();
    anchorsByPage.set(page, anchor === '' ? anchors : anchors.add(anchor));
  }
  const dead: string[] = [];
  for (const [page, anchors] of anchorsByPage) dead.push(...(await deadAt(page, [...anchors], fetchPage, timeout)));
  return dead.sort();
}
