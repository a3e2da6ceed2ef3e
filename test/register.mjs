// Loaded before mocha: tests and sources are TypeScript, and ES modules as they are for users.
import { register } from 'tsx/esm/api';
import './prepare.mjs';

register();
