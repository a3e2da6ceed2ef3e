/** Every public name of the token service. */

export { SignerUnavailableError } from '../keys/external-signature.js';
export { generateSigningKey, type KeySet, type Keys, keySet } from '../keys/key-set.js';
export type { ExternalKey, SigningAlgorithm } from '../keys/loaded-key.js';
export type { ServerFacts, SigningKey, SigningKeys } from '../plugs.js';
export {
  type AccessTokenClaims,
  type AccessTokens,
  type IssuerFacts,
  type MintedToken,
  opaque,
  type TokenOrigin,
} from './access-token.js';
export type { AdoptedToken } from './adopt.js';
export type { AdoptedCode } from './adopt-code.js';
export type { Allowed } from './allowed.js';
export type { AuthorizationsOf, ConnectedApp } from './authorizations.js';
export type { CodeService } from './code.js';
export { type EphemeralStore, ephemeralStore } from './ephemeral.js';
export type {
  DeniedEvent,
  IntrospectedEvent,
  IssuedEvent,
  ReplayEvent,
  RevokedEvent,
  TokenEvent,
  TokenEventEmitter,
  TokenEvents,
} from './events.js';
export type { AccessTokensFor } from './formats.js';
export type { Granted } from './granted.js';
export type { Introspection, VerifiedToken } from './inspect.js';
export { type JWTOptions, jwt } from './jwt.js';
export type { EncryptionOptions, KeyEncryption } from './keys/encryption.js';
export type { RotatingKeysOptions } from './keys/options.js';
export { type RotatingKeys, rotatingKeys } from './keys/rotating-keys.js';
export type { Lifetimes, TokenServiceOptions } from './options.js';
export { partition } from './partition.js';
export type { RefreshTokenService } from './refresh-token.js';
export { type TokenService, tokenService } from './service.js';
export { checkRecords, checkSuccessors } from './store/id.js';
export { type LMDBStoreOptions, lmdbStore } from './store/lmdb.js';
export { type MemoryStoreOptions, memoryStore } from './store/memory.js';
export { type PostgresStoreOptions, postgresStore } from './store/postgres.js';
export type { PostgresPool } from './store/postgres-pool.js';
export { type RedisStoreOptions, redisStore } from './store/redis.js';
export type { RedisClient } from './store/redis-connection.js';
export {
  type Consumed,
  type Consumption,
  type StoreClock,
  type StoredRecord,
  StoreUnavailableError,
  type TokenKind,
  type TokenRecord,
  type TokenStore,
} from './store.js';
export { type StoredTransactionsOptions, storedTransactions } from './transactions.js';
