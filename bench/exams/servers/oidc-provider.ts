import { serveOIDC } from './oidc-application.js';

serveOIDC({ rotation: 'default', refusesSecondUse: false });
