/** Answers as they stand on the wire, read strictly: what is not quite HTTP is a find. */

export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string;
  /** All values of a header, by its name in lower case. */
  all(name: string): readonly string[];
  /** The value of a header that is there once. */
  get(name: string): string | undefined;
}

export interface Reading {
  readonly answers: readonly Answer[];
  /** What is no whole answer yet. */
  readonly rest: Buffer;
}

const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [ -~]*$/;
const FIELD = /^([A-Za-z0-9-]+): ([ -~]*)$/;

function readHead(head: string): Omit<Answer, 'text'> {
  const [first = '', ...lines] = head.split('\r\n');
  const [, status] = STATUS_LINE.exec(first) ?? [];
  if (status === undefined) throw new Error(`No status line: ${JSON.stringify(first)}`);
  const headers = lines.map((line): readonly [string, string] => {
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`No header field: ${JSON.stringify(line)}`);
    return [name.toLowerCase(), value];
  });
  const all = (name: string): readonly string[] => headers.flatMap(([one, value]) => (one === name ? [value] : []));
  return { status: Number(status), headers, all, get: (name) => (all(name).length === 1 ? all(name)[0] : undefined) };
}

/** The end of a body in chunks and its content, or undefined when there is more to come. */
function readChunks(bytes: Buffer, from: number): { readonly end: number; readonly body: Buffer } | undefined {
  const chunks: Buffer[] = [];
  for (let at = from; ; ) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    const end = line + 2 + size + 2;
    if (end > bytes.length) return undefined;
    if (size === 0) return { end, body: Buffer.concat(chunks) };
    chunks.push(bytes.subarray(line + 2, line + 2 + size));
    at = end;
  }
}

function readBody({ status, get }: Omit<Answer, 'text'>, bytes: Buffer, from: number, isHead: boolean) {
  const isBodiless = isHead || status < 200 || status === 204 || status === 304;
  if (isBodiless) return { end: from, body: Buffer.alloc(0) };
  if (get('transfer-encoding') === 'chunked') return readChunks(bytes, from);
  const length = get('content-length');
  // Node's own refusals have neither, and close the connection
  const end = length === undefined ? bytes.length : from + Number(length);
  return end > bytes.length ? undefined : { end, body: bytes.subarray(from, end) };
}

/**
 * Reads as many answers as there are; those before the last (100 Continue) are no answers.
 *
 * @param isHead whether the first was asked for by HEAD
 */
export function readAnswers(bytes: Buffer, isHead: boolean): Reading {
  const answers: Answer[] = [];
  let rest = bytes;
  for (;;) {
    const blank = rest.indexOf('\r\n\r\n');
    const head = blank < 0 ? undefined : readHead(rest.toString('latin1', 0, blank));
    const read = head && readBody(head, rest, blank + 4, isHead && answers.length === 0);
    if (!read) return { answers, rest };
    if (head.status >= 200) answers.push({ ...head, text: read.body.toString('utf8') });
    rest = rest.subarray(read.end);
    if (rest.length === 0) return { answers, rest };
  }
}
