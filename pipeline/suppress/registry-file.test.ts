import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildRegistryFile, type RegistryEntry } from './registry-build.ts';
import { openRegistryFile } from './registry-file.ts';
import { addressKeys } from './registry-format.ts';

const folder = mkdtempSync(join(tmpdir(), 'laneway-registry-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const keys = addressKeys('secret');
const about = { name: 'us-ndnc', asOfMs: 1_000, source: 'test' };

async function* groups(entries: readonly RegistryEntry[]): AsyncGenerator<readonly RegistryEntry[]> {
  for (let at = 0; at < entries.length; at += 997) yield entries.slice(at, at + 997);
}
const build = (entries: readonly RegistryEntry[]) =>
  buildRegistryFile(folder, keys, about, groups(entries), 5);
const numberOf = (i: number): string => `+1212${String(5_000_000 + i)}`;

describe('a registry file', () => {
  it('knows every entry and nothing else, whatever the filter thinks', async () => {
    const count = 20_000;
    const entries = Array.from({ length: count }, (_, i) => ({
      recipient: numberOf(2 * i),
      listedSinceMs: 60_000 * (i + 1),
    }));
    const { file, header } = await build(entries);
    expect(header.entries).toBe(count);
    const registry = await openRegistryFile(join(folder, file), keys);
    for (let i = 0; i < count; i++) {
      expect(await registry.lookup(numberOf(2 * i))).toEqual({
        listed: true,
        listedSinceMs: 60_000 * (i + 1),
        checkedAtMs: 1_000,
      });
      expect((await registry.lookup(numberOf(2 * i + 1))).listed).toBe(false);
    }
    const { asked, listed, falsePositives } = registry.stats();
    expect([asked, listed]).toEqual([2 * count, count]);
    // The filter does make mistakes, about 0.8 in a hundred, and the disk puts them right.
    expect(falsePositives).toBeGreaterThan(count * 0.003);
    expect(falsePositives).toBeLessThan(count * 0.02);
    await registry.close();
    expect(readdirSync(folder).filter((name) => name.startsWith('.build'))).toEqual([]);
  });

  it('keeps of an address twice the entry that binds longest, and what entries say', async () => {
    const recipient = numberOf(1);
    const { file, header } = await build([
      { recipient, listedSinceMs: 600_000 },
      { recipient, listedSinceMs: 60_000 },
      { recipient: 'ann@example.org', channels: ['email'], answer: 'no' },
    ]);
    expect(header.entries).toBe(2);
    const registry = await openRegistryFile(join(folder, file), keys);
    expect(await registry.lookup(recipient)).toMatchObject({ listedSinceMs: 60_000 });
    expect(await registry.lookup('ann@example.org')).toEqual({
      listed: true,
      channels: ['email'],
      answer: 'no',
      checkedAtMs: 1_000,
    });
    await registry.close();
  });

  it('may be empty', async () => {
    const { file } = await build([]);
    const registry = await openRegistryFile(join(folder, file), keys);
    expect(await registry.lookup(numberOf(1))).toEqual({ listed: false, checkedAtMs: 1_000 });
    await registry.close();
  });

  it('is refused when it is damaged, cut off, of another key, or not there', async () => {
    const { file } = await build(Array.from({ length: 500 }, (_, i) => ({ recipient: numberOf(i) })));
    const whole = readFileSync(join(folder, file));
    const codeOf = async (bytes: Buffer): Promise<string> => {
      const path = join(folder, 'other.lwreg');
      writeFileSync(path, bytes);
      return openRegistryFile(path, keys).then(
        () => 'opened',
        (error: { code: string }) => error.code,
      );
    };
    const flipped = Buffer.from(whole);
    flipped[4_100]! ^= 1;
    expect(await codeOf(flipped)).toBe('REGISTRY_FILE_DAMAGED');
    expect(await codeOf(whole.subarray(0, whole.length - 16))).toBe('REGISTRY_FILE_DAMAGED');
    expect(await codeOf(Buffer.from('hello'))).toBe('REGISTRY_FILE_DAMAGED');
    await expect(openRegistryFile(join(folder, file), addressKeys('other'))).rejects.toMatchObject({
      code: 'REGISTRY_KEY_MISMATCH',
    });
    await expect(openRegistryFile(join(folder, 'none'), keys)).rejects.toMatchObject({
      code: 'REGISTRY_FILE_UNREADABLE',
    });
  });
});
