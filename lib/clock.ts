/** The machine's clock, as the protocol tells time: in epoch seconds. @see RFC 7519 §2 */
export function epoch(): number {
  return Math.floor(Date.now() / 1000);
}
