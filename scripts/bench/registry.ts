import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMs } from '../../models/base/clock.ts';
import { buildRegistryFile, type RegistryEntry } from '../../pipeline/suppress/registry-build.ts';
import { openRegistryFile } from '../../pipeline/suppress/registry-file.ts';
import { openAddressKeys } from '../../pipeline/suppress/registry-format.ts';

/**
 * What a do-not-call registry of so many entries costs: building, opening, memory, and lookups of numbers that are and
 * are not on it, one at a time. `npx tsx scripts/bench/registry.ts [ENTRIES]`, default 1,000,000; 50,000,000 takes some
 * minutes and 1.7 GB of temporary space.
 */
const entries = Number(process.argv[2] ?? 1_000_000);
const LOOKUPS = 200_000;
const GROUP = 10_000;
/** Every number of an eight-digit block, so that those listed and those not are interleaved: even ones are listed. */
const numberOf = (i: number): string => `+3${String(600_000_000 + i)}`;

async function* listed(): AsyncGenerator<RegistryEntry[]> {
  for (let from = 0; from < entries; from += GROUP) {
    const size = Math.min(GROUP, entries - from);
    yield Array.from({ length: size }, (_, k) => ({
      recipient: numberOf(2 * (from + k)),
      listedSinceMs: 1_600_000_000_000,
    }));
  }
}

const folder = mkdtempSync(join(tmpdir(), 'laneway-registry-'));
try {
  const keys = openAddressKeys(folder);
  let begin = monotonicMs();
  const { file, header } = await buildRegistryFile(
    folder,
    keys,
    { name: 'bench', asOfMs: 0, source: 'bench' },
    listed(),
    0,
  );
  const buildMs = monotonicMs() - begin;
  const path = join(folder, file);
  begin = monotonicMs();
  const registry = await openRegistryFile(path, keys);
  const openMs = monotonicMs() - begin;

  const run = async (offset: 0 | 1, expected: boolean) => {
    const samples = new Float64Array(LOOKUPS);
    let wrong = 0;
    const before = registry.stats();
    for (let i = 0; i < LOOKUPS; i++) {
      // A stride that is prime to the size goes all over the file.
      const number = numberOf(2 * ((i * 7_919_993) % entries) + offset);
      const at = monotonicMs();
      const answer = await registry.lookup(number);
      samples[i] = monotonicMs() - at;
      if (answer.listed !== expected) wrong++;
    }
    samples.sort();
    const at = (share: number): number => Math.round(samples[Math.floor(LOOKUPS * share)]! * 1e4) / 1e4;
    const after = registry.stats();
    return {
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      p999Ms: at(0.999),
      maxMs: Math.round(samples[LOOKUPS - 1]! * 100) / 100,
      wrong,
      reads: after.read - before.read,
      falsePositives: after.falsePositives - before.falsePositives,
    };
  };
  const absent = await run(1, false);
  const present = await run(0, true);
  await registry.close();
  const result = {
    entries: header.entries,
    buildSeconds: Math.round(buildMs / 100) / 10,
    entriesPerSecond: Math.round(header.entries / (buildMs / 1_000)),
    fileMiB: Math.round(statSync(path).size / 2 ** 20),
    memoryMiB: Math.round((registry.memoryBytes / 2 ** 20) * 10) / 10,
    openMs: Math.round(openMs),
    lookups: LOOKUPS,
    absent,
    present,
    falsePositiveShare: Math.round((absent.falsePositives / LOOKUPS) * 1e5) / 1e5,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (absent.wrong + present.wrong > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
