import { readFileSync } from 'node:fs';
import type { RunningServer } from '../server.ts';

/** What a running server answers to its own key: a GET, or a POST where there is a body. */
export async function askServer(
  { url, keyFile }: Pick<RunningServer, 'url' | 'keyFile'>,
  path: string,
  body?: unknown,
  // biome-ignore lint/suspicious/noExplicitAny: answers are checked member by member
): Promise<{ status: number; json: any }> {
  const key = readFileSync(keyFile, 'utf8').trim();
  const response = await fetch(url + path, {
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, json: await response.json() };
}
