/** Describes a browser in two words, with its place, for the list of sessions. The description comes from the browser, and proves nothing. */
const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const SYSTEMS = [
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const;

const find = (names: readonly (readonly [string, string])[], text: string): string | undefined =>
  names.find(([part]) => text.includes(part))?.[1];

/** @param agent the User-Agent header */
export function browserOf(agent: string): string {
  const [browser, system] = [find(BROWSERS, agent), find(SYSTEMS, agent)];
  return [browser ?? 'A browser', ...(system ? [`on ${system}`] : [])].join(' ');
}

const LOOPBACK = /^(::1|(::ffff:)?127\.[\d.]+)$/;

/** An IP address in words. All loopback addresses are this machine. */
export const placeOf = (address: string): string =>
  LOOPBACK.test(address) ? 'this machine' : address.replace(/^::ffff:(?=[\d.]+$)/, '');
