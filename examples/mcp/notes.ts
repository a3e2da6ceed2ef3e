/** The notes of each user, in memory, with a limit for each user. */
const MOST = 100;

export interface Notes {
  readonly list: readonly string[];
  /** Adds a note. @returns whether there was room */
  add(text: string): boolean;
}

/** @returns the notes of a user */
export function openNotes(most = MOST): (user: string) => Notes {
  const notes = new Map<string, string[]>();
  return (user) => {
    const list = notes.get(user) ?? [];
    return {
      list,
      add(text) {
        if (list.length >= most) return false;
        list.push(text);
        notes.set(user, list); // only here, so that users who only read take no memory
        return true;
      },
    };
  };
}
