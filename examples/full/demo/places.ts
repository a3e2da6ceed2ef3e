/** The links on the pages of the demo. */
export const PLACES = [
  ['/', 'The server'],
  ['/demo', 'Postcards'],
  ['/demo/second', 'Teapots'],
  ['/demo/read', 'Docs and source'],
] as const;
