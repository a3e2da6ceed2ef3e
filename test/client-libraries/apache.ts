/** Apache with mod_auth_openidc on a port of its own, in a temporary directory. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/free-port.js';
import { APACHE, startServer } from './programs.js';

const MODULES = '/usr/lib/apache2/modules';

export interface ApacheOptions {
  readonly issuer: string;
  readonly clientID: string;
  readonly clientSecret: string;
}

const configuration = (directory: string, url: string, { issuer, clientID, clientSecret }: ApacheOptions): string => `
ServerRoot ${directory}
ServerName ${new URL(url).hostname}
Listen ${new URL(url).host}
PidFile ${directory}/pid
ErrorLog ${directory}/error.log
LogLevel warn auth_openidc:warn
Mutex file:${directory} default
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
${['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'auth_openidc']
  .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`)
  .join('\n')}
DocumentRoot ${directory}/pages

OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCClientID ${clientID}
OIDCClientSecret "${clientSecret}"
OIDCRedirectURI ${url}/protected/redirect_uri
OIDCCryptoPassphrase "a passphrase for tests"
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCCookie apache
<Location /protected>
  AuthType openid-connect
  Require valid-user
  # By default scripts are not sent to the login, and Node's fetch says Sec-Fetch-Mode: cors.
  OIDCUnAuthAction auth true
  Header set X-Name "%{OIDC_CLAIM_name}e"
  Header set X-Access-Token "%{OIDC_access_token}e"
</Location>
`;

export interface Apache {
  readonly url: string;
  /** What it has logged of errors and warnings since it was up. */
  complaints(): string;
  remove(): void;
}

export async function startApache(options: ApacheOptions): Promise<Apache> {
  const directory = mkdtempSync(join(tmpdir(), 'koauthorize-apache-'));
  chmodSync(directory, 0o777); // its workers are another user
  mkdirSync(join(directory, 'pages/protected'), { recursive: true });
  writeFileSync(join(directory, 'pages/protected/page.html'), 'protected');
  writeFileSync(join(directory, 'pages/after.html'), 'after');
  const url = `http://127.0.0.1:${await freePort()}`;
  writeFileSync(join(directory, 'httpd.conf'), configuration(directory, url, options));
  await startServer(APACHE, ['-f', join(directory, 'httpd.conf'), '-DFOREGROUND'], url);
  const log = (): string => readFileSync(join(directory, 'error.log'), 'utf8');
  const atStart = log().length; // it warns of http in its configuration
  return {
    url,
    complaints: () =>
      log()
        .slice(atStart)
        .split('\n')
        .filter((line) => !line.includes(':notice]')) // that it has started, which it may write after it answers
        .join('\n'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
