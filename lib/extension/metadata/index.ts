/** RFC 8414: OAuth 2.0 Authorization Server Metadata. Every public name. */
export { type MetadataPathsOptions, metadataPaths } from './paths.js';
export { type MetadataOptions, type MetadataServing, metadata } from './server.js';
