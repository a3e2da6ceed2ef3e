/** The notes of each user, in memory: so many of one user, and no more. */
const MOST = 100;

export interface Notes {
  readonly list: readonly string[];
  /** @returns whether there was room */
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
        notes.set(user, list); // who only reads is not kept
        return true;
      },
    };
  };
}
