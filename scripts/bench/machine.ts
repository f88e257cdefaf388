import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** What a figure was measured on. */
export interface MachineReport {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Installed versions of what does the work. */
  readonly packages: Readonly<Record<string, string>>;
}

const PACKAGES = [
  'onnxruntime-node',
  '@xenova/transformers',
  'ml-random-forest',
  'natural',
  '@tensorflow/tfjs',
  'bullmq',
  'ioredis',
  '@electric-sql/pglite',
] as const;

export function describeMachine(): MachineReport {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  try {
    const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    return String((JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version);
  } catch {
    return 'not installed';
  }
}
