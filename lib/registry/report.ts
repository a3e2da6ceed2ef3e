/** The findings at the start of a server: those of the server, its parts and its extensions about the whole configuration. */
import type { Core, Extension } from '../core.js';
import { warnOnce } from '../errors/warning.js';
import type { CheckReport, Finding, Relaxations } from '../findings.js';
import { requireNoPromise } from '../promise.js';
import type { ServerOptions } from '../server-options.js';

/** The relaxations among the options of `createServer`. */
export const RELAXATIONS: Relaxations<ServerOptions> = {
  allowPlainHTTP: {
    why: 'Everybody on the network can read passwords, codes and tokens, and can change what is sent',
    section: 'RFC 8414 §2',
    remedy: 'Leave it out, and have an https issuer, with TLS in front of it',
  },
  anyPortForLocalhost: {
    why: 'If a name server or a hosts file resolves localhost to another machine, that machine receives the codes',
    section: 'RFC 8252 §8.3',
    remedy:
      'Register http://127.0.0.1 and http://[::1], whose ports may differ anyway; or name the clients that need it by a function',
  },
};

function describe({ rule, found, why, section, remedy }: Finding): string {
  return `${rule}: ${found}. ${why}${section === undefined ? '' : ` (${section})`}. ${remedy}.`;
}

/** Gives a process warning for each finding of the severity `warning`, once per process. */
function warn(findings: readonly Finding[]): void {
  for (const finding of findings) {
    if (finding.severity !== 'warning') continue;
    const code = finding.rule.replace(/[^a-zA-Z0-9]+/g, '_').replace(/([a-z0-9])([A-Z])/g, '$1_$2');
    warnOnce(`KOAUTHORIZE_${code.toUpperCase()}`, describe(finding), finding.found);
  }
}

/** @throws Error if any finding is an error; its message has all of them */
function requireNone(errors: readonly Finding[]): void {
  if (errors.length > 0) throw new Error(errors.map(describe).join('\n'));
}

/** @throws TypeError if an extension gives a promise of its findings: an error among them would be ignored */
function findingsOf<C, U>(core: Core<C, U>, extension: Extension<C, U>): readonly Finding[] {
  const findings = extension.findings?.(core) ?? [];
  requireNoPromise(`findings of ${extension.name}`, findings);
  return findings;
}

/**
 * Collects the findings of everything that is plugged in.
 *
 * @param core the core, after `ready` of all extensions
 * @param reported the findings of parts that are not extensions
 * @throws Error if a finding is an error
 */
export function reportOf<C, U>(core: Core<C, U>, reported: readonly Finding[]): CheckReport {
  const findings = [
    ...reported,
    ...(core.keys?.findings?.() ?? []),
    ...(core.tokens?.findings?.() ?? []),
    ...core.extensions.flatMap((extension) => findingsOf(core, extension)),
  ];
  requireNone(findings.filter(({ severity }) => severity === 'error'));
  warn(findings);
  return { findings };
}
