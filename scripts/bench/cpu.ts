import { readdirSync, readFileSync } from 'node:fs';

/** CPU time used so far, us, by thread of this process and by child process; empty where the system does not tell. */
export type CpuByPart = ReadonlyMap<string, number>;

const TICK_US = 10_000;

interface Stat {
  readonly name: string;
  readonly us: number;
  readonly parent: number;
}

/** @param dir of a process or thread in `/proc` */
function statOf(dir: string): Stat | undefined {
  try {
    const text = readFileSync(`${dir}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' ');
    const us = (Number(fields[11]) + Number(fields[12])) * TICK_US;
    return { name: text.slice(text.indexOf('(') + 1, end), us, parent: Number(fields[1]) };
  } catch {
    return undefined;
  }
}

function isBelow(pid: number, parents: ReadonlyMap<number, Stat>): boolean {
  for (let at = pid, steps = 0; at > 1 && steps < 20; steps++) {
    at = parents.get(at)?.parent ?? 0;
    if (at === process.pid) return true;
  }
  return false;
}

/** Reads what the system says now, to the hundredth of a second. */
export function cpuByPart(): CpuByPart {
  const used = new Map<string, number>();
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      const stat = statOf(`/proc/self/task/${thread}`);
      if (stat) used.set(Number(thread) === process.pid ? 'main thread' : `thread ${thread}`, stat.us);
    }
    const all = new Map<number, Stat>();
    for (const name of readdirSync('/proc')) {
      const stat = /^\d+$/.test(name) ? statOf(`/proc/${name}`) : undefined;
      if (stat) all.set(Number(name), stat);
    }
    for (const [pid, stat] of all) if (isBelow(pid, all)) used.set(`${stat.name} ${pid}`, stat.us);
  } catch {
    return new Map();
  }
  return used;
}

/**
 * What was used in between, us a message: the main thread, the busiest other thread (the embedded store), the rest,
 * children by name.
 */
export function cpuBetween(before: CpuByPart, after: CpuByPart, messages: number): Record<string, number> {
  const threads: number[] = [];
  const parts: Record<string, number> = {};
  for (const [name, us] of after) {
    const spent = (us - (before.get(name) ?? 0)) / messages;
    if (name.startsWith('thread ')) threads.push(spent);
    else {
      const part = name.replace(/ \d+$/, '');
      parts[part] = (parts[part] ?? 0) + spent;
    }
  }
  threads.sort((a, b) => b - a);
  parts['busiest other thread'] = threads[0] ?? 0;
  parts['threads of V8 and libuv'] = threads.slice(1).reduce((sum, us) => sum + us, 0);
  return Object.fromEntries(
    Object.entries(parts).flatMap(([name, us]) => (us >= 1 ? [[name, Math.round(us)] as const] : [])),
  );
}
