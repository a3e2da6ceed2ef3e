/** Every server under every workload, in rounds. */
import { pinLoad } from './cores.js';
import { type Comparison, readOptions } from './options.js';
import { preflight, type Refusals } from './preflight.js';
import { report, type Section } from './report.js';
import { Results } from './results.js';
import { runRound } from './round.js';
import { detailTables, ratioTable } from './tables.js';

interface Compared extends Comparison {
  /** What each must refuse before it is measured. Default: what every authorization server refuses. */
  readonly refusals?: Refusals;
  /** Where the short table goes, and the long ones. */
  readonly sections: readonly [ratios: Section, detail: Section];
}

/** Reads the command line, measures, and reports. @throws WrongAnswer */
export async function compare({ refusals, sections: [ratios, detail], ...comparison }: Compared): Promise<void> {
  pinLoad();
  const options = readOptions(comparison);
  for (const entry of options.servers) await preflight(entry, refusals);
  const results = new Results(options.baseline);
  for (let round = 0; round < options.rounds; round += 1) {
    for (const workload of options.workloads) {
      for (const [server, turns] of await runRound(options, workload, round)) {
        const { cpu } = results.add(server, workload.name, turns);
        console.error(`round ${round + 1}, ${workload.name}, ${server}: ${cpu.toFixed(1)} µs`);
      }
    }
  }
  report(ratios, ratioTable(results, options));
  report(detail, detailTables(results, options));
}
