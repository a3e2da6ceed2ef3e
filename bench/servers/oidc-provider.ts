import { oidcApplication } from './peers/oidc-application.js';
import { serve } from './serve.js';

serve(oidcApplication());
