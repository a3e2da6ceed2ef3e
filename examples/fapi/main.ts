/**
 * Starts the server over TLS, with two clients, and with a new certificate authority, new certificates and new keys. `npm run fapi`.
 *
 * The files that clients need are written into a directory: ca.pem, and for each client its certificate, its key and its JWK.
 */
import { KeyObject, type webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import 'reflect-metadata'; // @peculiar/x509 does not load without it
import * as x509 from '@peculiar/x509';
import { exportJWK, generateKeyPair } from 'jose';
import { tlsOptions } from 'koauthorize/client-auth';
import { type App, fapiServer, type Place } from './server.js';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

interface Certificate {
  readonly name: string;
  readonly key: webcrypto.CryptoKey;
  readonly cert: string;
}

async function certificate(name: string, issuer?: Certificate): Promise<Certificate> {
  const keys = (await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const made = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${issuer?.name ?? name}`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
    publicKey: keys.publicKey,
    signingKey: issuer?.key ?? keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(issuer === undefined, undefined, true),
      ...(name === 'localhost' ? [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])] : []),
    ],
  });
  return { name, key: keys.privateKey, cert: made.toString('pem') };
}

function pem({ key }: Certificate): string {
  return String(KeyObject.from(key).export({ format: 'pem', type: 'pkcs8' }));
}

/** A client with a key and a certificate, which it can use with different methods. @param more the members of its registration that choose the methods */
async function makeClient(directory: string, ca: Certificate, id: string, more: App | object): Promise<App> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const own = await certificate(id, ca);
  writeFileSync(join(directory, `${id}.pem`), own.cert);
  writeFileSync(join(directory, `${id}-key.pem`), pem(own), { mode: 0o600 });
  const jwk = { ...(await exportJWK(privateKey)), kid: id, alg: 'ES256' };
  writeFileSync(join(directory, `${id}.jwk.json`), JSON.stringify(jwk, null, 2), { mode: 0o600 });
  return {
    client_id: id,
    redirect_uris: ['https://client.example/callback'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    scope: 'openid accounts payments',
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: id, alg: 'ES256', use: 'sig' }] },
    id_token_signed_response_alg: 'ES256',
    authorization_signed_response_alg: 'ES256',
    ...more,
  };
}

/**
 * @param directory where the files for the clients are written
 * @param port the port of the issuer; the next port asks for certificates
 * @returns a function that stops the server
 */
export async function start(directory: string, port: number): Promise<() => void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const ca = await certificate('The CA of an example');
  const own = await certificate('localhost', ca);
  writeFileSync(join(directory, 'ca.pem'), ca.cert);
  const clients = [
    await makeClient(directory, ca, 'by-key', {
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      dpop_bound_access_tokens: true,
    }),
    await makeClient(directory, ca, 'by-certificate', {
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=by-certificate',
      tls_client_certificate_bound_access_tokens: true,
    }),
  ];
  const place: Place = { issuer: `https://localhost:${port}`, withCertificates: `https://localhost:${port + 1}` };
  const callback = (await fapiServer(place, clients)).callback();
  const identity = { cert: own.cert, key: pem(own) };
  const plain = https.createServer({ ...identity, ...tlsOptions() }, callback);
  const mutual = https.createServer({ ...identity, ...tlsOptions({ clientCA: ca.cert }) }, callback);
  await new Promise<void>((resolve) => plain.listen(port, resolve));
  await new Promise<void>((resolve) => mutual.listen(port + 1, resolve));
  console.log(
    `${place.issuer}, with certificates ${place.withCertificates}\nkeys and certificates of the clients: ${directory}`,
  );
  return () => {
    for (const server of [plain, mutual]) server.close().closeAllConnections();
  };
}

if (process.argv[1] === import.meta.filename)
  await start(process.argv[2] ?? 'fapi-clients', Number(process.env['PORT'] ?? 3443));
