import type { OptionNames } from '../../options.js';
import type { TokenService } from '../../token-service/service.js';
import type { OpenTelemetryAPI } from './module.js';

/** Options of `openTelemetry()`. */
export interface OpenTelemetryOptions {
  /** The module: `import * as api from '@opentelemetry/api'`. This package never imports it. */
  readonly api: OpenTelemetryAPI;
  /** The token service whose events are counted and added to the spans. Default: no events are. */
  readonly tokens?: Pick<TokenService<never, never>, 'events'>;
}

export const OPENTELEMETRY_OPTIONS: OptionNames<OpenTelemetryOptions> = { api: true, tokens: true };
