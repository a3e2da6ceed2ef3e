/** Becomes `{ "error": code }`. */
export class ProtocolError extends Error {
  readonly status: 400 | 401;
  readonly code: string;

  constructor(status: 400 | 401, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** A form or query, as whoever parsed it left it. */
export type Fields = Readonly<Record<string, unknown>>;

/** One string. @throws ProtocolError */
export function requireField(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '') throw new ProtocolError(400, 'invalid_request');
  return value;
}
