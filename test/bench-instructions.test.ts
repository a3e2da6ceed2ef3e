import assert from 'node:assert/strict';
import * as main from 'koauthorize';
import * as clientAuth from 'koauthorize/client-auth';
import * as resourceServer from 'koauthorize/resource-server';
import * as tokenService from 'koauthorize/tokens';
import { furnishings } from '../bench/instructions/furnishings.js';
import { inProcess } from '../bench/instructions/in-process.js';
import { application } from '../bench/servers/application.js';
import { Connection } from '../bench/workloads/connection.js';
import { usualDialog } from '../bench/workloads/dialog.js';
import { workloads } from '../bench/workloads/index.js';
import { WrongAnswer } from '../bench/workloads/verify.js';

describe('what is counted in instructions per request', () => {
  const listener = application({ main, clientAuth, resourceServer, tokenService });

  for (const { name, prepare } of workloads)
    it(`${name}: is answered rightly without a socket, as often as it is asked`, async () => {
      const operation = await prepare(new Connection(inProcess(listener)), usualDialog);
      for (let i = 0; i < 3; i++) await operation();
    });

  for (const furnish of Object.values(furnishings))
    it(`a server with what ${furnish.name} has besides is the same to all workloads`, async () => {
      const build = { main, clientAuth, resourceServer, tokenService };
      const furnished = inProcess(application(build, await furnish(build)));
      for (const { prepare } of workloads) {
        const operation = await prepare(new Connection(furnished), usualDialog);
        await operation();
      }
    });

  it('a wrong answer ends the count', async () => {
    const [workload] = workloads;
    assert.ok(workload);
    const refusing = inProcess((_req, res) => res.writeHead(401).end());
    const operation = await workload.prepare(new Connection(refusing), usualDialog);
    await assert.rejects(operation, WrongAnswer);
  });
});
