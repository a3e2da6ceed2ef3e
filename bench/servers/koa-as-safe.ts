/** The Koa application by hand, with a form reader of its own, and with what koauthorize promises of tokens. */
import { koaByHand } from './by-hand/koa.js';
import { formReader } from './by-hand/read-form.js';
import { safeTokens } from './by-hand/safe-tokens.js';
import { serve } from './serve.js';

serve(koaByHand(formReader, safeTokens).callback());
