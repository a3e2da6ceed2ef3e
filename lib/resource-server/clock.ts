/** The machine's clock in epoch seconds. */
export function epoch(): number {
  return Math.floor(Date.now() / 1000);
}
