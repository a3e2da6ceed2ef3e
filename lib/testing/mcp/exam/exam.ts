/** The tools of the checks: discovery, clients, the honest flow, and the MCP server. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from '../../attack/http.js';
import { describePage } from '../../attack/request.js';
import { FlowFailed, NotTried } from '../check.js';
import type { MCPTarget } from '../target.js';
import { type Call, caller, isAdmitted } from './calls.js';
import { type Documents, openDocuments } from './documents.js';
import { type Flow, openFlow } from './flow.js';
import { text } from './members.js';
import { once } from './once.js';
import { openRegistration, type Registration } from './registration.js';

export interface Exam {
  readonly target: MCPTarget;
  readonly documents: Documents;
  readonly registration: Registration;
  readonly flow: Flow;
  readonly call: Call;
  /** An access token that the MCP server has admitted. @throws FlowFailed if it admits no honest token, since its refusals would then prove nothing */
  goodToken(): Promise<string>;
  /** An unused refresh token of the honest flow. @throws NotTried if there is none */
  refreshToken(): Promise<string>;
  /** The answer of the MCP server to an invalid access token, after it has admitted a valid one. */
  callWith(token: string): Promise<Page>;
  /** Lets time pass for the server. */
  wait(seconds: number): Promise<void>;
}

export function openExam(target: MCPTarget): Exam {
  const call = caller(target);
  const documents = openDocuments(target, () => call());
  const registration = openRegistration(target, documents);
  const flow = openFlow(target, documents, registration);
  const goodToken = once(async () => {
    const token = text((await flow.honest())['access_token']) ?? '';
    const page = await call(`Bearer ${token}`);
    if (isAdmitted(page)) return token;
    throw new FlowFailed(`The MCP server does not take an honest token: ${describePage(page)}`);
  });
  return {
    ...{ target, documents, registration, flow, call, goodToken },
    async refreshToken() {
      const token = text((await flow.tokens())['refresh_token']);
      if (token !== undefined) return token;
      throw new NotTried('the client is given no refresh token');
    },
    async callWith(token) {
      await goodToken();
      return call(`Bearer ${token}`);
    },
    async wait(seconds) {
      await (target.wait ? target.wait(seconds) : sleep(seconds * 1000));
    },
  };
}
