import type { DoctorRule } from '../rule.js';

const DAY = 86_400;

/** Seconds: a year, and a month to notice. */
const OLDEST = 396 * DAY;

const days = (seconds: number): number => Math.round(seconds / DAY);

export const keyAge: DoctorRule = {
  name: 'keyAge',
  severity: 'warning',
  finds: 'signing keys that are used for more than a year',
  looksAt: ['server'],
  why: 'A key that was copied unnoticed can sign tokens until it is replaced; and a rotation that was never tried may fail on the day it is needed',
  remedy: 'rotatingKeys({ every }) of 30 to 90 days',
  examine({ core }) {
    const rotation = core?.keys?.rotation?.();
    if (!core || !rotation) return undefined;
    const { every, createdAt } = rotation;
    const oldest = core.now() - Math.min(core.now(), ...createdAt);
    return [
      ...(every > OLDEST ? [`Each key signs for ${days(every)} days`] : []),
      ...(oldest > OLDEST + every ? [`The oldest key that is published was made ${days(oldest)} days ago`] : []),
    ];
  },
};
