/** RFC 9728: OAuth 2.0 Protected Resource Metadata. Every public name. */
export {
  type ProtectedResource,
  type ProtectedResourceMetadata,
  type ProtectedResourceServing,
  protectedResource,
} from './api.js';
