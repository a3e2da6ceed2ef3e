/** An error of OAuth, as it goes to whoever sent the request. */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message = 'Refused', status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
