/** What users run against their own stores. */
export {
  type StoreContractOptions,
  type StoreProcesses,
  storeContract,
  storeWorker,
  type TestFramework,
} from './store-contract.js';
