import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { LanewayError } from '../../models/base/errors.ts';

/** Where a Redis is: one server, a set of servers watched by sentinels (in `options`), or a cluster. */
export type RedisPlace =
  | { readonly kind: 'server'; readonly options: RedisOptions }
  | {
      readonly kind: 'cluster';
      readonly nodes: readonly { readonly host: string; readonly port: number }[];
      readonly options: RedisOptions;
    };

export type RedisClient = Redis | Cluster;

/** How a connection behaves, whatever is at its other end. */
export interface RedisManners {
  /** Whether commands wait while there is no connection. */
  readonly enableOfflineQueue?: boolean;
  /** Null: for ever. */
  readonly maxRetriesPerRequest: number | null;
  /** Longest wait for one answer, ms; absent: for ever. */
  readonly commandTimeout?: number;
  /** Wait before the n-th try to connect, ms. */
  readonly retryStrategy: (times: number) => number;
}

const SCHEMES: ReadonlyMap<string, 'server' | 'cluster' | 'sentinel'> = new Map([
  ['redis', 'server'],
  ['rediss', 'server'],
  ['redis+cluster', 'cluster'],
  ['rediss+cluster', 'cluster'],
  ['redis+sentinel', 'sentinel'],
  ['rediss+sentinel', 'sentinel'],
]);
export const REDIS_SCHEMES: readonly string[] = [...SCHEMES.keys()];
const SHAPE = /^([a-z+]+):\/\/(?:([^@/]*)@)?([^/?#]*)(\/[^?#]*)?$/;

/** Opens a connection; it connects by itself and again whenever it breaks. */
export function openRedis(place: RedisPlace, manners: RedisManners): RedisClient {
  if (place.kind === 'server') return new Redis({ ...place.options, ...manners });
  const { retryStrategy, enableOfflineQueue = true, ...each } = manners;
  return new Cluster([...place.nodes], {
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    redisOptions: { ...place.options, ...each },
    // A replica takes over within the cluster's node time-out; until then a command is tried again this often.
    retryDelayOnFailover: 100,
    retryDelayOnClusterDown: 100,
  });
}

/**
 * - `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS
 * - `redis+cluster://[user:password@]host:port,host:port,...`: some nodes of a cluster, the others are found
 * - `redis+sentinel://[user:password@]host:port,.../master[/database]`: sentinels and the name of what they watch
 *
 * @throws LanewayError `INVALID_REDIS_URL`
 */
export function parseRedisUrl(text: string, fallbackDb: number): RedisPlace {
  const [, scheme = '', login, hosts = '', path = ''] = SHAPE.exec(text) ?? [];
  const kind = SCHEMES.get(scheme);
  if (kind === undefined) throw badUrl(text, scheme === '' ? 'it is not a URL' : `it begins with ${scheme}`);
  const nodes = hosts.split(',').map((host) => nodeOf(host, kind === 'sentinel' ? 26_379 : 6_379, text));
  const parts = path.split('/').slice(1);
  const options = { ...loginOf(login, text), ...(scheme.startsWith('rediss') ? { tls: {} } : {}) };
  if (kind === 'cluster') {
    if (parts.some((part) => part !== ''))
      throw badUrl(text, 'a cluster has one database and no number for it');
    return { kind: 'cluster', nodes, options };
  }
  const name = kind === 'sentinel' ? decodeURIComponent(parts.shift() ?? '') : '';
  const number = parts[0] ?? '';
  const db = number === '' ? fallbackDb : Number(number);
  if (!Number.isInteger(db) || db < 0 || parts.length > 1)
    throw badUrl(text, `${path} is not a database number`);
  if (kind === 'sentinel') {
    if (name === '') throw badUrl(text, 'the name of what the sentinels watch is missing');
    const sentinel = 'tls' in options ? { enableTLSForSentinelMode: true } : {};
    return { kind: 'server', options: { ...options, ...sentinel, sentinels: nodes, name, db } };
  }
  if (nodes.length > 1) throw badUrl(text, 'it names several hosts');
  return { kind: 'server', options: { ...options, ...nodes[0]!, db } };
}

function nodeOf(text: string, fallbackPort: number, url: string): { host: string; port: number } {
  const [, host = '', port = ''] = /^(\[[^\]]+\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === '' && text !== '') throw badUrl(url, `${text} is not host:port`);
  return {
    host: host.replaceAll(/[[\]]/g, '') || '127.0.0.1',
    port: port === '' ? fallbackPort : Number(port),
  };
}

function loginOf(login: string | undefined, url: string): Pick<RedisOptions, 'username' | 'password'> {
  if (login === undefined || login === '') return {};
  const at = login.indexOf(':');
  try {
    const [username, password] =
      at < 0 ? [login, ''] : [login.slice(0, at), login.slice(at + 1)].map(decodeURIComponent);
    return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  } catch {
    throw badUrl(url, 'user and password are not percent-encoded');
  }
}

function badUrl(text: string, why: string): LanewayError {
  return new LanewayError('INVALID_REDIS_URL', `REDIS_URL cannot be used: ${why}`, {
    where: text.replace(/\/\/[^@/]*@/, '//***@'),
    fix: 'Write it as redis://[user:password@]host[:port][/database], redis+cluster://host:port,host:port or redis+sentinel://host:port,host:port/master.',
  });
}
