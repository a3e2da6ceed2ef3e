/** Runs `make` at the first call, and returns the same promise for all calls: a step that failed fails for every check that needs it. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
