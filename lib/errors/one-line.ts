/** Controls, such as the escape that begins a terminal's commands, and what turns the direction of text, ends a line or cannot be seen. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** What `visible` writes. */
export const ESCAPED = /\\u\{[\da-f]+\}/;

/**
 * Text of a stranger for a log: it can neither command the terminal that shows it, nor pass for a line of ours. It reads as it was sent, with
 * escapes.
 */
export function visible(text: string): string {
  return text.replace(UNSEEN, escaped);
}

/** The same for a report, where lines and columns of others would disturb. */
export function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, ' '));
}
