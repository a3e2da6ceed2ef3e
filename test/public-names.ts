/** What one entry of the package offers, by name: the values there at run time, and the names that are only types. */
export interface PublicNames {
  readonly values: readonly string[];
  readonly types: readonly string[];
  /** Members of exported namespaces, and of what a factory without arguments returns (`createServer()`). */
  readonly members: Readonly<Record<string, readonly string[]>>;
}

/**
 * Every public name, literally. Adding one here is adding it to the product; removing one breaks somebody.
 * The keys are those of `exports` in package.json.
 */
export const publicNames: Readonly<Record<string, PublicNames>> = {
  '.': {
    values: [
      'AuthorizationError',
      'BadRequestError',
      'ForbiddenError',
      'OAuth2Error',
      'TokenError',
      'createServer',
      'errorHandler',
      'exchange',
      'grant',
      'issuer',
      'metadata',
      'pkce',
      'sessionTransactions',
    ],
    types: [
      'Authorization',
      'AuthorizationRequest',
      'AuthorizationSteps',
      'Awaitable',
      'Client',
      'Core',
      'Decision',
      'Endpoint',
      'Exchange',
      'Extension',
      'Grant',
      'Params',
      'RedirectURI',
      'Redemption',
      'ResponseMode',
      'ResponseParams',
      'Scope',
      'Server',
      'ServerMetadata',
      'TokenRequest',
      'TokenResponse',
      'TokenSteps',
      'Transaction',
    ],
    members: {
      grant: ['authorizationCode', 'code', 'implicit', 'token'],
      exchange: ['authorizationCode', 'clientCredentials', 'code', 'password', 'refreshToken'],
      'createServer()': [
        'authorization',
        'decision',
        'deserializeClient',
        'endpoint',
        'errorHandler',
        'exchange',
        'extend',
        'grant',
        'resume',
        'serializeClient',
        'token',
      ],
    },
  },
};

/** `.` is `koauthorize`, `./tokens` is `koauthorize/tokens`. */
export function specifier(entry: string): string {
  return `koauthorize${entry.slice(1)}`;
}
