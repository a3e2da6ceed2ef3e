/** OpenTelemetry: every public name. */
export type { OpenTelemetryAPI, OpenTelemetryOptions } from './options.js';
export { type LogFields, openTelemetry, type Telemetry } from './server.js';
