/** What the MCP SDKs do at a server of ours, cell by cell: mcp-table.test.ts tries each, and `npm run docs` writes the table into docs/mcp.md. */

export const SDKS = ['@modelcontextprotocol/sdk', '@modelcontextprotocol/client'] as const;
export type SDK = (typeof SDKS)[number];

/** How the server knows a client. */
export const WAYS = ['document', 'registration', 'registered by hand'] as const;
export type Way = (typeof WAYS)[number];

const VERSIONS: Readonly<Record<SDK, string>> = {
  '@modelcontextprotocol/sdk': 'sdk 1.32',
  '@modelcontextprotocol/client': 'client 2.4',
};

/** Why a cell is another one than a plain yes. */
export const NOTES = {
  refreshes:
    'At the 403 it refreshes its token. The new token has no more scope, so it fails. It asks its user only if it has no refresh token, or if the host has deleted it.',
  registersScope:
    'It registers with the scope of the first 401, and a client may ask only for the scope that it registered (RFC 7591 §2). `review` of `clientRegistration()` removes that scope, as below; otherwise the server refuses the step-up with `invalid_scope`.',
  ignoresIss:
    'It does not compare `iss`: it redeems a code that came with the `iss` of another server. A host that uses several servers must compare it before `finishAuth` (RFC 9700 §4.4).',
  noKey: 'It does not implement DPoP, and asks for Bearer tokens even if the host has a key.',
  noUser:
    'At the token endpoint, the server fetches a document only if a user has given consent to the client, and otherwise answers `invalid_client`. A client without a user must be registered.',
  ownProvider: 'It has no provider for this. The host can write one, with `prepareTokenRequest`.',
} as const;
export type Note = keyof typeof NOTES;

export interface Cell {
  readonly works: boolean;
  readonly notes: readonly Note[];
}

const yes = (...notes: Note[]): Cell => ({ works: true, notes });
const no = (...notes: Note[]): Cell => ({ works: false, notes });

type Cells = Readonly<Record<Way, Cell>>;

/** The cells of an SDK: the same for each way, but for those that it names. */
const all = (cell: Cell, others: Partial<Cells> = {}): Cells => ({
  document: cell,
  registration: cell,
  'registered by hand': cell,
  ...others,
});

/** For each SDK, in their order. */
export const TABLE = {
  'first login': [all(yes()), all(yes())],
  refresh: [all(yes()), all(yes())],
  'step-up (403 `insufficient_scope`)': [
    all(yes('refreshes'), { registration: yes('refreshes', 'registersScope') }),
    all(yes(), { registration: yes('registersScope') }),
  ],
  '`iss` checked (RFC 9207)': [all(no('ignoresIss')), all(yes())],
  'DPoP, with nonces (RFC 9449)': [all(no('noKey')), all(yes())],
  'client credentials, `private_key_jwt`': [
    all(yes(), { document: no('noUser') }),
    all(yes(), { document: no('noUser') }),
  ],
  'cross-app access (ID-JAG)': [
    all(yes('ownProvider'), { document: no('noUser') }),
    all(yes(), { document: no('noUser') }),
  ],
} as const satisfies Record<string, readonly [Cells, Cells]>;
export type What = keyof typeof TABLE;

export const cellsOf = (what: What, sdk: SDK): Cells => TABLE[what][SDKS.indexOf(sdk) as 0 | 1];

/** The table as Markdown, with its notes below. */
export function mcpClientsTable(): string {
  const notes: Note[] = [];
  const numberOf = (note: Note): number => {
    if (!notes.includes(note)) notes.push(note);
    return notes.indexOf(note) + 1;
  };
  const text = ({ works, notes: own }: Cell): string =>
    [works ? 'yes' : 'no', ...own.map((note) => `(${numberOf(note)})`)].join(' ');
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const columns = SDKS.flatMap((sdk) => WAYS.map((way) => ({ sdk, way })));
  const rows = (Object.keys(TABLE) as What[]).map((what) =>
    line([what, ...columns.map(({ sdk, way }) => text(cellsOf(what, sdk)[way]))]),
  );
  return [
    line(['', ...columns.map(({ sdk, way }) => `${VERSIONS[sdk]}: ${way}`)]),
    line(['', ...columns].map(() => '---')),
    ...rows,
    '',
    ...notes.map((note, index) => `${index + 1}. ${NOTES[note]}`),
  ].join('\n');
}
