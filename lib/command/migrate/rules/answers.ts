/** Parts of rules that several libraries share. They are spread into a rule. */
import { byLegacy } from '../legacy.js';
import type { MigrationRule, RelaxationByName } from '../rule.js';

/** A grant type that the application wrote itself. */
export const OWN_GRANT: Pick<MigrationRule, 'write' | 'docs'> = {
  write: `import { TokenError } from 'koauthorize';

declare const redeemed: (key: string) => { user: User; scope: string[] } | undefined; // yours
server
  .exchange({
    name: 'urn:example:api-key',
    redeem(request) {
      const allowed = redeemed(request.params.get('api_key') ?? '');
      if (!allowed) throw new TokenError('Invalid API key', 'invalid_grant');
      return { issue: (_check, respond) => tokens.issue(allowed, request, respond) };
    },
  })
  .extend({ name: 'api keys', parameters: ['api_key'] });`,
  docs: 'custom-grants.md',
};

/** The replacement for a grant that clients must no longer use: the code grant, which another part of the report may already contain. */
export const CODES_INSTEAD = `// these clients open the browser, and use codes with PKCE. For those without a secret, add none() to the methods of client authentication.
// Add this line, unless another part has it: server.grant(grant.code(tokens.code)).exchange(exchange.code(tokens.code));`;

/** The password grant. */
export const PASSWORD: Pick<MigrationRule, 'write' | 'changes' | 'relaxation' | 'docs'> = {
  write: CODES_INSTEAD,
  changes: 'Clients that ask for passwords change to the code grant: RFC 9700 §2.4 forbids this one.',
  relaxation: byLegacy(
    'allowPassword',
    'the rule that only this server sees passwords',
    `import { exchange } from 'koauthorize';

server.exchange(exchange.password(tokens.password)); // tokenService({ authenticate }) verifies it`,
  ),
  docs: 'profiles.md#legacy-from-oauth2orize',
};

/** An error that the application throws. */
export const ERROR: Pick<MigrationRule, 'write' | 'docs'> = {
  write: `import { TokenError } from 'koauthorize';

const refuse = () => {
  throw new TokenError('The code has expired', 'invalid_grant');
};`,
  docs: 'errors.md#throwing',
};

/** The implicit grant, for clients that cannot change at once. */
export const IMPLICIT_FOR_A_WHILE: Pick<MigrationRule, 'relaxation' | 'docs'> = {
  relaxation: byLegacy(
    'allowImplicit',
    'the rule that no URL has a token',
    `import { grant } from 'koauthorize';

server.grant(grant.token(tokens.token));`,
  ),
  docs: 'profiles.md#legacy-from-oauth2orize',
};

/** For clients that send no PKCE challenge. @param clientID the name of the member that has the client's identifier */
export function withoutPKCE(clientID: string): RelaxationByName {
  return {
    write: `import { pkce } from 'koauthorize';

server.extend(pkce({ allowMissing: (client) => client.${clientID} === 'old' }));`,
    givesUp: 'the protection of the codes of these clients against injection and interception',
  };
}
