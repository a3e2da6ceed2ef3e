/** Holds one store with so many tokens, and measures what it is asked to: `node --expose-gc worker.js <job in JSON>`. */
import { type Measured, meanOf, warmUp } from './cost.js';
import { measureFamily } from './family.js';
import { fill, operationsOn } from './operations.js';
import type { Filled, Job, OperationName, Question } from './protocol.js';
import { recorded } from './recorded.js';
import { type OpenStore, openStore } from './stores.js';
import { serviceOf, type Tokens } from './subject.js';

interface Subject {
  readonly opened: OpenStore;
  readonly tokens: Tokens;
  readonly operations: Readonly<Record<OperationName, Measured>>;
}

function collect(): number {
  const start = performance.now();
  globalThis.gc?.();
  return performance.now() - start;
}

async function begin({ store, address, live }: Job): Promise<Filled & Subject> {
  const opened = await openStore(store, address);
  const recording = recorded(opened.store);
  const tokens = serviceOf(recording.store);
  await tokens.verify('a'.repeat(47)); // opens it, and makes its tables
  const empty = await opened.size();
  const pairs = await fill(opened, tokens, live);
  recording.keep();
  const bytesPerToken = ((await opened.size()) - empty) / live;
  await opened.settle();
  collect();
  return { opened, tokens, operations: operationsOn(tokens, recording, pairs), bytesPerToken, collection: collect() };
}

async function answer({ opened, tokens, operations }: Subject, question: Question): Promise<unknown> {
  if (question === 'end') await opened.remove();
  else if ('warmUp' in question) await warmUp(operations[question.warmUp], question.milliseconds);
  else if ('operation' in question) return await meanOf(operations[question.operation], question.batches);
  else return await measureFamily(tokens, question.family, question);
  return null;
}

const { bytesPerToken, collection, ...subject } = await begin(JSON.parse(process.argv[2] ?? '{}'));
process.on('message', async (question: Question) => {
  process.send?.((await answer(subject, question)) ?? null);
});
process.on('disconnect', () => process.exit());
process.send?.({ bytesPerToken, collection });
