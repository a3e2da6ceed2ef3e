/** A program without a browser of its own: the user allows it on another device. RFC 8628, by openid-client. Start it with `npm run device`. */
import * as openid from 'openid-client';

export interface Terminal {
  /** The authorization server. */
  readonly issuer: string;
  /** Shows the user a line. */
  readonly print: (line: string) => void;
}

/** @returns the name of the user who has allowed it */
export async function connect({ issuer, print }: Terminal): Promise<string> {
  // plain HTTP, for an example on one machine
  const insecure = issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [];
  const config = await openid.discovery(new URL(issuer), 'terminal', undefined, openid.None(), { execute: insecure });
  const device = await openid.initiateDeviceAuthorization(config, { scope: 'openid profile' });
  print(`On your telephone or in a browser, open ${device.verification_uri}`);
  print(`and type ${device.user_code}`);
  const tokens = await openid.pollDeviceAuthorizationGrant(config, device); // asks every few seconds, and slows down when told to
  const claims = tokens.claims();
  const { name = 'you' } = await openid.fetchUserInfo(
    config,
    tokens.access_token,
    claims?.sub ?? openid.skipSubjectCheck,
  );
  return name;
}
