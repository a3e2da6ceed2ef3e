/** A worker whose store keeps what it was given in its process. */
import { storeWorker } from 'koauthorize/testing';
import { memoryStore } from 'koauthorize/tokens';

storeWorker(() => memoryStore());
