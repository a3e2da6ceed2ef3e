/**
 * The extensions that profiles plug in. If the application has plugged in one of them itself, it stays: the rules of the profile judge its requests and tokens.
 */
import type { CertificateSource } from '../certificate/certificate.js';
import type { Core, Extension, Plug } from '../core.js';
import { certificateBoundTokens } from '../extension/certificate-bound-tokens/server.js';
import { dpop } from '../extension/dpop/server.js';
import { metadata } from '../extension/metadata/server.js';
import { pkce } from '../extension/pkce/server.js';
import { pushedRequests } from '../extension/pushed-requests/server.js';
import { isFactory } from '../registry/shape.js';
import { type Binding, mayMissChallenge } from './facts.js';

/**
 * Plugs in an extension, unless one of that name is plugged in already.
 *
 * @param name the name of the extension
 */
export function unlessThere<C, U>(
  name: string,
  make: (core: Core<C, U>) => Plug<C, U>,
): (core: Core<C, U>) => Extension<C, U> {
  return (core) => {
    const earlier = core.extension(name);
    if (earlier) return earlier;
    const plug = make(core);
    return isFactory(plug) ? plug(core) : plug;
  };
}

/** PKCE with S256, required of every client unless all of its profiles let it go without. */
export function pkcePart<C, U>(): Plug<C, U> {
  return unlessThere('pkce', (core) => {
    const extension = pkce<C, U>({ allowMissing: (client) => mayMissChallenge(core, client) });
    return { ...extension, findings: () => [] }; // a profile that lets a client go without reports it itself
  });
}

export function metadataPart<C, U>(): Plug<C, U> {
  return unlessThere('metadata', () => metadata());
}

/** An extension that does nothing, for a server without an authorization endpoint: there is nothing to push. */
const NOTHING = { name: 'no pushed requests' };

/** Pushed authorization requests. @param required whether all clients must push */
export function pushedPart<C, U>(required: boolean): Plug<C, U> {
  return unlessThere('pushedRequests', ({ grants }) =>
    grants.size === 0 ? unlessThere(NOTHING.name, () => NOTHING) : pushedRequests({ required }),
  );
}

/** @throws Error if the profile and an earlier `certificateBoundTokens()` have different sources of certificates: one of them would be ignored */
function certificatePart<C, U>(certificate: CertificateSource | undefined): Plug<C, U> {
  const part = unlessThere<C, U>('certificate-bound tokens', () =>
    certificateBoundTokens(certificate && { certificate }),
  );
  return (core) => {
    const extension = part(core);
    if (certificate && extension.certificate !== certificate)
      throw new Error('The profile and certificateBoundTokens() have two sources of certificates: say it once');
    return extension;
  };
}

/** The options about binding. */
export interface BindingPart {
  readonly binding: Binding;
  readonly certificate?: CertificateSource | undefined;
}

/**
 * The extensions that bind the access tokens of a profile's clients to a key.
 *
 * @param algorithms the signature algorithms of DPoP proofs. Default: those of `dpop()`
 */
export function bindingParts<C, U>(
  { binding, certificate }: BindingPart,
  algorithms?: readonly string[],
): readonly Plug<C, U>[] {
  const byDPoP = unlessThere<C, U>('dpop', () => dpop(algorithms && { algorithms }));
  return [...(binding === 'mtls' ? [] : [byDPoP]), ...(binding === 'dpop' ? [] : [certificatePart<C, U>(certificate)])];
}
