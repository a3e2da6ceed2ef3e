/** A till, which asks a customer on their own telephone. CIBA, by openid-client. Start it with `npm run ciba -- alice`. */
import { randomInt } from 'node:crypto';
import * as openid from 'openid-client';

export interface Till {
  /** The authorization server. */
  readonly issuer: string;
  /** What the customer is called there. */
  readonly customer: string;
  /** Shows a line. */
  readonly print: (line: string) => void;
}

/** Of the client `till` in examples/full/seed.json. */
const SECRET = 'only-tills-know';

/** What the customer sees here and on their telephone. */
const message = (): string => `TILL-${randomInt(1000, 10_000)}`;

/** @returns the name of the customer, who has allowed it */
export async function ask({ issuer, customer, print }: Till): Promise<string> {
  // plain HTTP, for an example on one machine
  const insecure = issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [];
  const config = await openid.discovery(new URL(issuer), 'till', undefined, openid.ClientSecretBasic(SECRET), {
    execute: insecure,
  });
  const binding_message = message();
  const params = { scope: 'openid profile', login_hint: customer, binding_message };
  const begun = await openid.initiateBackchannelAuthentication(config, params);
  print(`${customer} is asked at ${new URL('/requests', issuer)}: compare ${binding_message}`);
  const tokens = await openid.pollBackchannelAuthenticationGrant(config, begun); // asks every few seconds, and slows down when told to
  const sub = tokens.claims()?.sub ?? openid.skipSubjectCheck;
  const { name = customer } = await openid.fetchUserInfo(config, tokens.access_token, sub);
  return name;
}
