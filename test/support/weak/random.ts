import { randomBytes } from 'node:crypto';

export const random = (): string => randomBytes(24).toString('base64url');
