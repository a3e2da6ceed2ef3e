import * as main from 'koauthorize';
import * as clientAuth from 'koauthorize/client-auth';
import * as resourceServer from 'koauthorize/resource-server';
import * as tokenService from 'koauthorize/tokens';
import { application } from './application.js';
import { serve } from './serve.js';

serve(application({ main, clientAuth, resourceServer, tokenService }));
