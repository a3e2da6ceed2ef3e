import { serveJmondi } from './jmondi-application.js';

serveJmondi({ refusesSecondUse: false });
