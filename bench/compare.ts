/** Every server under every workload, in rounds. */
import { pinLoad } from './cores.js';
import { type Comparison, type NodeVersion, type Options, readOptions } from './options.js';
import { preflight, type Refusals } from './preflight.js';
import { report, type Section } from './report.js';
import { Results } from './results.js';
import { runRound } from './round.js';
import { detailTables, ratioTable } from './tables.js';

/** Where the short table goes, and the long ones. */
type Sections = readonly [ratios: Section, detail: Section];

interface Compared extends Comparison {
  /** What each must refuse before it is measured. Default: what every authorization server refuses. */
  readonly refusals?: Refusals;
  /** For each version of Node that may be asked for, the one of this process first. */
  readonly sections: readonly Sections[];
}

/** One run of all servers on one version of Node. */
interface Run {
  readonly node: NodeVersion;
  readonly results: Results;
  readonly sections: Sections;
}

function runsOf({ nodes, baseline }: Options, sections: readonly Sections[]): readonly Run[] {
  return nodes.map((node, index) => {
    const own = sections[index];
    if (!own) throw new Error('This comparison is for one version of Node');
    return { node, results: new Results(baseline), sections: own };
  });
}

/** Reads the command line, measures, and reports. @throws WrongAnswer */
export async function compare({ refusals, sections, ...comparison }: Compared): Promise<void> {
  pinLoad();
  const options = readOptions(comparison);
  const runs = runsOf(options, sections);
  for (const entry of options.servers) await preflight(entry, refusals);
  for (let round = 0; round < options.rounds; round += 1)
    for (const workload of options.workloads)
      for (const { node, results } of runs)
        for (const [server, turns] of await runRound(options, workload, round, node.path)) {
          const { cpu } = results.add(server, workload.name, turns);
          console.error(`round ${round + 1}, ${workload.name}, ${server}, Node ${node.version}: ${cpu.toFixed(1)} µs`);
        }
  for (const {
    node,
    results,
    sections: [ratios, detail],
  } of runs) {
    report(ratios, ratioTable(results, options, node.version));
    report(detail, detailTables(results, options, node.version));
  }
}
