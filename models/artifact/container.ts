import { createHash } from 'node:crypto';
import { LanewayError, messageOf } from '../base/errors.ts';

/**
 * A file of named sections: magic, header length, header JSON (`[{name, offset, length}]`), then the sections, each
 * on an 8-byte boundary. Little-endian. The same sections give the same bytes.
 */
const MAGIC = 0x59574e4c; // "LNWY"
const FORMAT = 1;
const PREAMBLE = 12;

interface SectionEntry {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
}

/** Packs sections in the order given. */
export function packSections(sections: Readonly<Record<string, Uint8Array>>): Uint8Array {
  let offset = 0;
  const entries: SectionEntry[] = [];
  for (const [name, bytes] of Object.entries(sections)) {
    entries.push({ name, offset, length: bytes.length });
    offset = align(offset + bytes.length);
  }
  const header = new TextEncoder().encode(JSON.stringify(entries));
  const base = align(PREAMBLE + header.length);
  const out = new Uint8Array(base + offset);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, FORMAT, true);
  view.setUint32(8, header.length, true);
  out.set(header, PREAMBLE);
  for (const entry of entries) out.set(sections[entry.name]!, base + entry.offset);
  return out;
}

/**
 * Opens a packed file. Sections are copies, so that typed arrays over them are aligned.
 *
 * @throws LanewayError `ARTIFACT_DAMAGED`
 */
export function unpackSections(file: Uint8Array, where: string): ReadonlyMap<string, Uint8Array> {
  const damaged = (message: string) =>
    new LanewayError('ARTIFACT_DAMAGED', message, { where, fix: 'Train or fetch the model again.' });
  if (file.length < PREAMBLE) throw damaged('the file is shorter than its preamble');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw damaged('not a Laneway model file');
  if (view.getUint32(4, true) !== FORMAT)
    throw damaged(`file format ${view.getUint32(4, true)}, this version reads ${FORMAT}`);
  const headerLength = view.getUint32(8, true);
  const base = align(PREAMBLE + headerLength);
  let entries: unknown;
  try {
    entries = JSON.parse(new TextDecoder().decode(file.subarray(PREAMBLE, PREAMBLE + headerLength)));
  } catch (error) {
    throw damaged(`the section table cannot be read: ${messageOf(error)}`);
  }
  if (!Array.isArray(entries) || !entries.every(isEntry)) throw damaged('the section table is not one');
  const sections = new Map<string, Uint8Array>();
  for (const { name, offset, length } of entries) {
    if (base + offset + length > file.length)
      throw damaged(`section "${name}" reaches past the end of the file`);
    // Not slice(): that of a Buffer shares its memory, and the arrays over a section take its whole buffer.
    sections.set(name, new Uint8Array(file.subarray(base + offset, base + offset + length)));
  }
  return sections;
}

function isEntry(value: unknown): value is SectionEntry {
  const { name, offset, length } = (value ?? {}) as Partial<Record<keyof SectionEntry, unknown>>;
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  return typeof name === 'string' && isSize(offset) && isSize(length);
}

function align(offset: number): number {
  return (offset + 7) & ~7;
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
