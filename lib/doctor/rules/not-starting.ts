import type { DoctorRule } from '../rule.js';

export const notStarting: DoctorRule = {
  name: 'notStarting',
  severity: 'error',
  finds: 'a configuration that server.check() refuses',
  looksAt: ['server'],
  why: 'Every request is answered with 500 (server_error)',
  remedy: 'Do what the message says, and call server.check() when the process starts',
  examine({ check }) {
    if (!check) return undefined;
    try {
      check();
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  },
};
