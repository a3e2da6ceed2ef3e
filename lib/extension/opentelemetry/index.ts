/** OpenTelemetry: every public name. */
export type { OpenTelemetryAPI } from './module.js';
export type { OpenTelemetryOptions } from './options.js';
export { type LogFields, openTelemetry, type Telemetry } from './server.js';
