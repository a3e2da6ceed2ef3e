/**
 * In a process of its own, so that no other test's work is counted: measures every input, and prints what grew too much. Of some only:
 * `node --import ./test/register.mjs test/work/measure.ts 'one name'`.
 */
import { type Input, inputs } from './inputs.js';

const FACTOR = 32;
/** Linear work makes it 32, sorting about 50, the square 1,024. */
const MOST = 200;
/** Milliseconds. What the largest input takes less of needs no comparison: it harms nobody. */
const HARMLESS = 5;
const TRIES = 5;
/** Milliseconds after which an input is not tried again. */
const LONG = 500;

async function cpu(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function best(work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && (tries === 0 || least < LONG); tries += 1)
    least = Math.min(least, await cpu(work));
  return least;
}

const { all, calls, close } = await inputs();

async function callsOf(work: () => Promise<unknown>): Promise<number> {
  const before = calls();
  await work();
  return calls() - before;
}

/** What is wrong with an input, if anything is. */
async function judge({ largest, work }: Input): Promise<string | undefined> {
  const small = () => work(Math.ceil(largest / FACTOR));
  const large = () => work(largest);
  const [few, many] = [await callsOf(small), await callsOf(large)];
  if (many > few) return `callbacks are called ${many} times, and ${few} times for a thirty-second of it`;
  if ((await cpu(large)) < HARMLESS) return undefined;
  const [less, more] = [await best(small), await best(large)];
  const isTooMuch = more >= HARMLESS && more > MOST * less;
  return isTooMuch ? `${more.toFixed(1)} ms, and ${less.toFixed(3)} ms for a thirty-second of it` : undefined;
}

const faults: string[] = [];
const [, , only = ''] = process.argv;
for (const input of all.filter(({ name }) => name.includes(only))) {
  const fault = await judge(input);
  if (fault !== undefined) faults.push(`${input.name}: ${fault}`);
}
close();
console.log(JSON.stringify({ measured: all.length, faults }));
process.exit();
