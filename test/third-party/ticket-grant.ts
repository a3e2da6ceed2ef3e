/** A grant of a third party, on public names alone: whoever has a ticket, which is good once, gets tokens for the user who made it. */
import { type Exchange, type Plug, TokenError } from 'koauthorize';
import type { EphemeralStore } from 'koauthorize/extending';
import type { TokenService } from 'koauthorize/tokens';

declare module 'koauthorize' {
  interface Authorization {
    /** The event that the ticket is for. */
    readonly event?: string;
  }
}

/** RFC 6749 §4.5: a grant type of one's own is a URI. */
export const TICKET = 'https://third.example/grants/ticket';

export interface Ticket {
  readonly subject: string;
  readonly scope: readonly string[];
  readonly event: string;
}

/** Makes a ticket. @returns whether there was none of that number */
export async function makeTicket(store: EphemeralStore, number: string, ticket: Ticket, until: number) {
  return store.add(`ticket:${number}`, ticket, until);
}

/** `server.extend(ticketGrant(tokens))` */
export function ticketGrant<C, U>(tokens: TokenService<C, U>): Plug<C, U> {
  const exchange: Exchange<C> = {
    name: TICKET,
    async redeem(request) {
      const number = request.params.get('ticket');
      if (number === undefined) throw new TokenError('Missing required parameter: ticket', 'invalid_request');
      const ticket = (await tokens.ephemeral.take(`ticket:${number}`)) as Ticket | undefined;
      if (!ticket) throw new TokenError('The ticket is unknown, used or too old', 'invalid_grant');
      return { issue: (_check, respond) => tokens.issue(ticket, request, respond) };
    },
  };
  return { name: 'ticket', exchanges: [exchange], parameters: ['ticket'] };
}
