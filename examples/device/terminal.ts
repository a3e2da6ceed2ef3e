/** A program without a browser: the user allows its access on another device. RFC 8628, with openid-client. Start it with `npm run device`. */
import * as openid from 'openid-client';

export interface Terminal {
  /** The authorization server. */
  readonly issuer: string;
  /** Shows the user a line. */
  readonly print: (line: string) => void;
}

/** @returns the name of the user. @throws Error if the user has not allowed the access */
export async function connect({ issuer, print }: Terminal): Promise<string> {
  // plain HTTP, for an example on one machine
  const insecure = issuer.startsWith('http:') ? [openid.allowInsecureRequests] : [];
  const config = await openid.discovery(new URL(issuer), 'terminal', undefined, openid.None(), { execute: insecure });
  const device = await openid.initiateDeviceAuthorization(config, { scope: 'openid profile' });
  print(`On your telephone or in a browser, open ${device.verification_uri}`);
  print(`and type ${device.user_code}`);
  const tokens = await openid.pollDeviceAuthorizationGrant(config, device); // polls every few seconds, and slows down when the server says so
  const claims = tokens.claims();
  const { name = 'you' } = await openid.fetchUserInfo(
    config,
    tokens.access_token,
    claims?.sub ?? openid.skipSubjectCheck,
  );
  return name;
}
