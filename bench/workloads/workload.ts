import type { Connection } from './connection.js';
import type { Dialog } from './dialog.js';

export type WorkloadName =
  | 'client-credentials'
  | 'bearer'
  | 'introspection'
  | 'flow'
  | 'refresh'
  | 'dpop-client-credentials'
  | 'jwt'
  | 'pushed-flow';

/** What is done over and over. */
export type Operation = () => Promise<void>;

export interface Workload {
  readonly name: WorkloadName;
  /** Head of its column. */
  readonly label: string;
  /** How many requests one operation is. */
  readonly requests: number;
  /** Readies one virtual user, outside the measured time. */
  prepare(http: Connection, dialog: Dialog): Promise<Operation>;
}
