/** A till that asks a customer on their own telephone, by CIBA, with openid-client. Start it with `npm run ciba -- alice`. */
import { randomInt } from 'node:crypto';
import * as openid from 'openid-client';

export interface Till {
  /** The authorization server. */
  readonly issuer: string;
  /** The user name of the customer at the authorization server. */
  readonly customer: string;
  /** Shows a line. */
  readonly print: (line: string) => void;
}

/** The secret of the client `till` in examples/full/seed.json. */
const SECRET = 'only-tills-know';

/** The message that the customer sees both here and on their telephone. */
const message = (): string => `TILL-${randomInt(1000, 10_000)}`;

/** @returns the name of the customer. @throws Error if the customer has not allowed the request */
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
  const tokens = await openid.pollBackchannelAuthenticationGrant(config, begun); // polls every few seconds, and slows down when the server says so
  const sub = tokens.claims()?.sub ?? openid.skipSubjectCheck;
  const { name = customer } = await openid.fetchUserInfo(config, tokens.access_token, sub);
  return name;
}
