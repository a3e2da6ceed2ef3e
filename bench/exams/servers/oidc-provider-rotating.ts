import { serveOIDC } from './oidc-application.js';

serveOIDC({ rotation: 'always', refusesSecondUse: false });
