/** `npm run bench`: every server under every workload, in rounds. */
import { pinLoad } from './cores.js';
import { readOptions } from './options.js';
import { preflight } from './preflight.js';
import { report } from './report.js';
import { Results } from './results.js';
import { runRound } from './round.js';
import { detailTables, ratioTable } from './tables.js';

pinLoad();
const options = readOptions();
for (const entry of options.servers) await preflight(entry);

const results = new Results();
for (let round = 0; round < options.rounds; round += 1) {
  for (const workload of options.workloads) {
    for (const [server, turns] of await runRound(options, workload, round)) {
      const { cpu } = results.add(server, workload.name, turns);
      console.error(`round ${round + 1}, ${workload.name}, ${server}: ${cpu.toFixed(1)} µs`);
    }
  }
}
report('ratios', ratioTable(results, options));
report('detail', detailTables(results, options));
