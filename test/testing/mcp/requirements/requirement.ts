/** A sentence of the revision with MUST, MUST NOT or REQUIRED in it. */
import type { MCPSide } from '../../../../lib/testing/mcp/check.js';

export interface Requirement {
  /** The section, and the number of the requirement in it. */
  readonly id: string;
  /** The heading of the section. */
  readonly section: string;
  readonly binds: MCPSide | 'client' | 'everyone';
  /** The requirement, in a sentence. */
  readonly text: string;
  /** Why no check can observe it from outside; undefined if a check can. */
  readonly unseen?: string | undefined;
}

const OF_CLIENTS = 'It is a requirement for clients, and a server is examined.';

/** @param unseen why no check can observe it. Requirements for clients are never observed */
export function binds(
  id: string,
  section: string,
  who: Requirement['binds'],
  text: string,
  unseen: string | undefined = who === 'client' ? OF_CLIENTS : undefined,
): Requirement {
  return { id, section, binds: who, text, unseen };
}
