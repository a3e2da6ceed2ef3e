/** Controls, such as the escape that begins a terminal's commands, and what turns the direction of text or cannot be seen. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/**
 * Text of a stranger for a terminal or a log, in one line: it can neither command the terminal nor pass for a line of ours. It reads as it was
 * sent, with escapes.
 */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(UNSEEN, escaped);
}
