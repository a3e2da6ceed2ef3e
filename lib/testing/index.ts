/** Tests that users run against their own stores and servers. */
export type { AttackOutcome } from './attack/attack.js';
export type { AttackBackchannel } from './attack/backchannel/target.js';
export type { Cookies } from './attack/cookies.js';
export type { AttackExchange, AttackService } from './attack/exchange/services.js';
export type { FormSubmission } from './attack/form.js';
export type { Fields, Page } from './attack/http.js';
export { formatReportsAsJUnit } from './attack/junit.js';
export { attackSuite, formatReports } from './attack/report.js';
export { type AttackOptions, type AttackReport, runAttacks } from './attack/run.js';
export type { AttackAssertions, AttackClient, AttackEndpoints, AttackIssuer, AttackTarget } from './attack/target.js';
export type { Visitor } from './attack/visitor.js';
export type { MCPLevel, MCPSide } from './mcp/check.js';
export { formatMCPReportsAsJSON } from './mcp/report/json.js';
export { formatMCPReportsAsJUnit } from './mcp/report/junit.js';
export { formatMCPReports } from './mcp/report/text.js';
export { type MCPOptions, type MCPReport, runMCPChecks } from './mcp/run.js';
export { mcpSuite } from './mcp/suite.js';
export type { MCPDocument, MCPDocuments, MCPRequest, MCPStepUp, MCPTarget } from './mcp/target.js';
export { type RegistryContractOptions, registryContract } from './registry-contract.js';
export {
  type StoreContractOptions,
  type StoreProcesses,
  storeContract,
  storeWorker,
  type TestFramework,
} from './store-contract.js';
export { type RotationTrialOptions, runRotationTrial } from './trial/rotation.js';
export { runSingleUseTrial, type SingleUseTrialOptions } from './trial/single-use.js';
export type { TrialOptions, TrialReport } from './trial/trial.js';
