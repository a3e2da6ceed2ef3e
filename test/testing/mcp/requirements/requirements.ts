/** Every requirement of the authorization pages of the revision, by section. */
import { discovery } from './discovery.js';
import { overview } from './overview.js';
import { registration } from './registration.js';
import type { Requirement } from './requirement.js';
import { security } from './security.js';

export const requirements: readonly Requirement[] = [...overview, ...discovery, ...registration, ...security];
