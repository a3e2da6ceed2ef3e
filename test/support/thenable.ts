/** What can be awaited and is no promise: its `then` calls back, and gives nothing. Callbacks in JavaScript may give it. */
export function thenable<T>(value: T): Promise<T> {
  const later: unknown = {
    // biome-ignore lint/suspicious/noThenProperty: that is what is tested
    then(resolve: (value: T) => void): void {
      resolve(value);
    },
  };
  return later as Promise<T>;
}
