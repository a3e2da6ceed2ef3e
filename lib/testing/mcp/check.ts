/** The shape of a check of an MCP server's authorization. */
import type { Exam } from './exam/exam.js';

/** The revision of the Model Context Protocol whose authorization is examined. */
export const MCP_REVISION = '2026-07-28';

/** @param section the heading of a section of the authorization pages of the revision */
export const mcp = (section: string): string => `MCP ${MCP_REVISION}, ${section}`;

/** `MUST` also stands for MUST NOT and REQUIRED, `SHOULD` for SHOULD NOT and RECOMMENDED. @see RFC 2119 */
export type MCPLevel = 'MUST' | 'SHOULD';

/** The server that a check examines. */
export type MCPSide = 'authorization server' | 'resource server';

/** What is wrong; undefined if nothing is. */
export type Finding = string | undefined;

export interface Check {
  /** In kebab-case. */
  readonly name: string;
  readonly side: MCPSide;
  readonly level: MCPLevel;
  /** The source of the rule: a section of the revision, or of a specification that the revision refers to. */
  readonly source: string;
  /** The rule, in a sentence. */
  readonly rule: string;
  /** The IDs of the requirements of the revision that the check examines. */
  readonly requirements: readonly string[];
  /**
   * @throws NotTried if the target lacks what the check needs
   * @throws FlowFailed if there is no result because the honest flow fails; other errors if the server is down
   */
  run(exam: Exam): Promise<Finding>;
}

/** The check could not be tried. The message says what the target lacks. */
export class NotTried extends Error {}

/** A step of the honest flow has failed. The check of that step reports a finding; all other checks have no result. */
export class FlowFailed extends Error {}

/** A check that an honest step succeeds. */
export const succeeds =
  (step: (exam: Exam) => Promise<unknown>): Check['run'] =>
  async (exam) => {
    try {
      await step(exam);
      return undefined;
    } catch (error) {
      if (error instanceof FlowFailed) return error.message;
      throw error;
    }
  };

type Maker = (name: string, source: string, rule: string, run: Check['run'], requirements?: readonly string[]) => Check;

const maker =
  (side: MCPSide, level: MCPLevel): Maker =>
  (name, source, rule, run, requirements = []) => ({ name, side, level, source, rule, run, requirements });

/** Makes checks of the authorization server. */
export const server = {
  must: maker('authorization server', 'MUST'),
  should: maker('authorization server', 'SHOULD'),
} as const;

/** Makes checks of the resource server, which is the MCP server. */
export const api = {
  must: maker('resource server', 'MUST'),
  should: maker('resource server', 'SHOULD'),
} as const;
