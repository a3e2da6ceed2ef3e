/** The requirements of the page Authorization Server Discovery of the revision, by section. */
import { binds, type Requirement } from './requirement.js';

export const discovery: readonly Requirement[] = [
  binds(
    'location.1',
    'Authorization Server Location',
    'resource server',
    'The metadata of the resource says where the authorization servers are',
  ),
  binds('location.2', 'Authorization Server Location', 'resource server', 'It names at least one'),
  binds(
    'location.3',
    'Authorization Server Location',
    'client',
    'Clients keep what they have at each authorization server apart',
  ),
  binds(
    'location.4',
    'Authorization Server Location',
    'client',
    'Clients do not assume that what is valid at one authorization server is valid at another',
  ),
  binds(
    'resource-discovery.1',
    'Protected Resource Metadata Discovery Requirements',
    'resource server',
    'The challenge leads to the metadata, or it is at a well-known location',
  ),
  binds(
    'resource-discovery.2',
    'Protected Resource Metadata Discovery Requirements',
    'client',
    'Clients follow both ways, the challenge first',
  ),
  binds(
    'resource-discovery.3',
    'Protected Resource Metadata Discovery Requirements',
    'client',
    'Without the challenge, clients try the well-known locations in their order',
  ),
  binds(
    'resource-discovery.4',
    'Protected Resource Metadata Discovery Requirements',
    'client',
    'Clients read challenges, and react to 401',
  ),
  binds(
    'server-discovery.1',
    'Authorization Server Metadata Discovery',
    'client',
    'Clients try several well-known locations',
  ),
  binds(
    'server-discovery.2',
    'Authorization Server Metadata Discovery',
    'client',
    'For an issuer with a path, clients try three in their order',
  ),
  binds(
    'server-discovery.3',
    'Authorization Server Metadata Discovery',
    'client',
    'For an issuer without a path, clients try two',
  ),
  binds(
    'server-discovery.4',
    'Authorization Server Metadata Discovery',
    'client',
    'Clients validate the document that they find',
  ),
  binds(
    'server-discovery.5',
    'Authorization Server Metadata Discovery',
    'authorization server',
    'The issuer in the document is the one that its URL was made from',
  ),
  binds(
    'server-discovery.6',
    'Authorization Server Metadata Discovery',
    'client',
    'Clients use no document of another issuer',
  ),
  binds(
    'server-discovery.7',
    'Authorization Server Metadata Discovery',
    'client',
    'Clients reject the document of an attacker that names an honest issuer',
  ),
];
