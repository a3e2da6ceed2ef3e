/** Control characters (such as the one that begins a terminal command), and characters that change the direction of text, end a line or are invisible. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** What `visible` writes. */
export const ESCAPED = /\\u\{[\da-f]+\}/;

/**
 * Makes a stranger's text safe to log, by escaping the characters above: it can neither control the terminal that shows it, nor pass for a log line of the
 * server. All other characters stay.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** The same on one line, for reports that have lines and columns of their own. */
export function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, ' '));
}
