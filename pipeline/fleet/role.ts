import { LanewayError } from '../../models/base/errors.ts';

/**
 * What a process does: `api` takes messages in, `worker` classifies and delivers them, `scheduler` brings back what is
 * due and what was left behind, `all` does everything.
 */
export const ROLES = ['all', 'api', 'worker', 'scheduler'] as const;
export type Role = (typeof ROLES)[number];

export const accepts = (role: Role): boolean => role === 'all' || role === 'api';
export const works = (role: Role): boolean => role === 'all' || role === 'worker';
export const schedules = (role: Role): boolean => role === 'all' || role === 'scheduler';

/**
 * A part of Laneway finds the other parts through servers that all can reach.
 *
 * @throws LanewayError `ROLE_NEEDS_SERVERS`
 */
export function checkServers(
  role: Role,
  servers: { readonly databaseUrl?: string | undefined; readonly redisUrl?: string | undefined },
): void {
  const missing = [
    ...(servers.databaseUrl === undefined ? ['DATABASE_URL'] : []),
    ...(servers.redisUrl === undefined ? ['REDIS_URL'] : []),
  ];
  if (role === 'all' || missing.length === 0) return;
  throw new LanewayError('ROLE_NEEDS_SERVERS', `a process of role ${role} needs ${missing.join(' and ')}`, {
    where: missing.join(', '),
    fix: 'The embedded database and Redis serve one process. Set both to servers that all processes reach, or use the role all.',
  });
}
