/** The baseline: a Koa application by hand, with @koa/router, @koa/bodyparser on the routes that have forms, koa-session on the dialog's. */
import { bodyParser } from '@koa/bodyparser';
import { koaByHand } from './by-hand/koa.js';
import { serve } from './serve.js';

serve(koaByHand(bodyParser()).callback());
