/** The Koa application by hand, with a form reader of its own in place of @koa/bodyparser. */
import { koaByHand } from './by-hand/koa.js';
import { formReader } from './by-hand/read-form.js';
import { serve } from './serve.js';

serve(koaByHand(formReader).callback());
