import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setEnvironmentData } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runFrom } from '../../../models/base/build.mjs';
import { loadPacks, PACK_DIR, parsePack } from './load.ts';
import { packKey, parseWritten, readBefore, writePacks } from './read-packs.ts';

const TEXT = readFileSync(join(PACK_DIR, 'gb.yaml'), 'utf8');
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'laneway-packs-'));
  const packs = { [packKey(TEXT, 'gb.yaml')]: parsePack(TEXT, 'gb.yaml') };
  writeFileSync(join(dir, 'packs.json'), writePacks(packs));
});
afterAll(() => {
  setEnvironmentData('laneway:build', undefined);
  rmSync(dir, { recursive: true, force: true });
});

it('every pack comes back as reading its text gives it', () => {
  const packs = loadPacks();
  const files = readdirSync(PACK_DIR).filter((name) => name.endsWith('.yaml'));
  expect(packs).toHaveLength(files.length);
  const written = parseWritten(writePacks(Object.fromEntries(packs.map((pack) => [pack.file, pack]))));
  expect(Object.values(written)).toEqual(packs);
});

it('a pack is found by its bytes and its name; whoever runs the sources reads it', () => {
  expect(readBefore(TEXT, 'gb.yaml')).toBeUndefined();
  const url = pathToFileURL(join(dir, '/')).href;
  runFrom({ root: url, dir: url, entries: {}, packs: 'packs.json' });
  expect(readBefore(TEXT, 'gb.yaml')).toEqual(parsePack(TEXT, 'gb.yaml'));
  expect(readBefore(TEXT, 'fr.yaml')).toBeUndefined();
  expect(readBefore(`${TEXT} `, 'gb.yaml')).toBeUndefined();
});

it('a changed pack is read, with its mistakes by line, though the old one is known', () => {
  const other = mkdtempSync(join(tmpdir(), 'laneway-packs-'));
  writeFileSync(join(other, 'gb.yaml'), TEXT.replace('rules:', 'ruless:'));
  expect(() => loadPacks(other)).toThrow(/^gb\.yaml:\d+: /);
  rmSync(other, { recursive: true });
});
