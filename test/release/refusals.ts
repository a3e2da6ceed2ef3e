/** Why this tree must not be published: what the owner has to fill in, and what has to be current. */

export interface Release {
  readonly manifest: {
    readonly version: string;
    readonly repository?: { readonly type: string; readonly url: string };
    readonly homepage?: string;
    readonly bugs?: { readonly url: string };
  };
  /** The version in package-lock.json. */
  readonly locked: string | undefined;
  readonly changelog: string;
  /** What `git status --porcelain` prints. */
  readonly status: string;
  /** The pages that `npm run docs` would write differently. */
  readonly stale: readonly string[];
}

/** A name that no host can have (RFC 2606 §2), so that nothing leads to the account of a stranger. */
const PLACEHOLDER = /\.invalid\b|\bOWNER\b/;

const isAddress = (url: string | undefined): boolean => url !== undefined && /^https:\/\/[^/\s]+\/\S+$/.test(url);

/** What a browser opens, of the URL that git and npm want. */
const pageOf = (url: string): string => url.replace(/^git\+/, '').replace(/\.git$/, '');

function ofAddresses({ repository, homepage, bugs }: Release['manifest']): string[] {
  const said = { 'repository.url': repository?.url.replace(/^git\+/, ''), homepage, 'bugs.url': bugs?.url };
  const refused = Object.entries(said).flatMap(([member, url]) => {
    if (!isAddress(url)) return [`package.json: ${member} is no https address`];
    return PLACEHOLDER.test(url ?? '') ? [`package.json: ${member} is still the placeholder ${url}`] : [];
  });
  if (refused.length > 0) return refused;
  const page = pageOf(repository?.url ?? '');
  return [homepage, bugs?.url]
    .filter((url) => !url?.startsWith(page))
    .map((url) => `package.json: ${url} is not below ${page}, the address of repository`);
}

function ofVersion({ manifest: { version }, locked, changelog }: Release): string[] {
  const heading = changelog.split('\n').find((line) => line.startsWith(`## [${version}]`));
  const isDated = heading !== undefined && /^## \[[^\]]+\] - \d{4}-\d{2}-\d{2}$/.test(heading);
  return [
    ...(locked === version ? [] : [`package-lock.json has the version ${locked}, package.json ${version}`]),
    ...(isDated ? [] : [`CHANGELOG.md has no line "## [${version}] - <year>-<month>-<day>"`]),
  ];
}

/** All reasons, or none. */
export function refusalsOf(release: Release): readonly string[] {
  const changed = release.status.split('\n').filter((line) => line !== '');
  return [
    ...ofAddresses(release.manifest),
    ...ofVersion(release),
    ...changed.map((line) => `git status: ${line.trim()}: what is published is what is committed`),
    ...release.stale.map((path) => `${path} is stale: npm run docs`),
  ];
}
