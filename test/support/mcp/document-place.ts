/** A place with documents of clients that only the servers of this process can reach. */
import type { MCPDocument, MCPDocuments } from 'koauthorize/testing';

export interface DocumentPlace extends Required<MCPDocuments> {
  /** What is at a URL. */
  read(url: string): MCPDocument;
}

const ORIGIN = 'https://client.mcp-exam.example';

export function documentPlace(): DocumentPlace {
  const published = new Map<string, MCPDocument>();
  const counts = new Map<string, number>();
  return {
    publish(path, documentAt) {
      const url = `${ORIGIN}${path}`;
      published.set(url, documentAt(url));
      return url;
    },
    fetches: (url) => counts.get(url) ?? 0,
    read(url) {
      counts.set(url, (counts.get(url) ?? 0) + 1);
      return published.get(url) ?? { status: 404, body: '' };
    },
  };
}
