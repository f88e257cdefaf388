import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { LanewayError, messageOf } from '../../../models/base/errors.ts';
import { canonicalJson } from '../../../models/base/json.ts';
import type { Pack, Rule } from '../types.ts';
import { disagreements } from './inherit.ts';
import { readBefore } from './read-packs.ts';
import { type PackFile, packSchema } from './schema.ts';

/** The packs that come with Laneway. */
export const PACK_DIR = fileURLToPath(new URL('../packs/', import.meta.url));

const hash16 = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
const LARGEST_BYTES = 4_000_000;

/** Maps a path in the data back to its line in the file. */
function lineFinder(document: Document, lines: LineCounter) {
  return (path: readonly (string | number)[]): number => {
    for (let depth = path.length; depth >= 0; depth--) {
      const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    }
    return 1;
  };
}

function ruleIdAt(data: unknown, path: readonly (string | number)[]): string {
  if (path[0] !== 'rules' || typeof path[1] !== 'number') return '';
  const rules = (data as { rules?: unknown[] } | null)?.rules;
  const id = (rules?.[path[1]] as { id?: unknown } | undefined)?.id;
  return typeof id === 'string' ? ` rule ${id}:` : ` rule ${path[1] + 1}:`;
}

const invalid = (problems: readonly string[]): LanewayError =>
  new LanewayError('RULE_PACK_INVALID', problems.join('\n'), {
    fix: 'Correct the lines named; the packs in force stay as they are.',
    where: problems[0]?.split(': ')[0] ?? '',
  });

/**
 * Reads one pack from YAML text.
 * @param file name that messages show
 * @throws {LanewayError} `RULE_PACK_INVALID` with one line per problem: `file:line: rule ID: field: what is wrong`
 */
export function parsePack(text: string, file: string): Pack {
  if (text.length > LARGEST_BYTES) throw invalid([`${file}:1: longer than ${LARGEST_BYTES} characters`]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', uniqueKeys: true });
  if (document.errors.length > 0) {
    throw invalid(
      document.errors.map((e) => `${file}:${lines.linePos(e.pos[0]).line}: ${e.message.split('\n')[0]}`),
    );
  }
  const data: unknown = document.toJS({ maxAliasCount: 1000 });
  const lineOf = lineFinder(document, lines);
  const parsed = packSchema.safeParse(data);
  if (!parsed.success) {
    throw invalid(
      parsed.error.issues.map((issue) => {
        const path = issue.path.map((step) => step as string | number);
        const field = path.slice(path[0] === 'rules' ? 2 : 0).join('.');
        const place = field === '' ? '' : ` ${field}:`;
        return `${file}:${lineOf(path)}:${ruleIdAt(data, path)}${place} ${issue.message}`;
      }),
    );
  }
  return toPack(parsed.data, file, lineOf);
}

function toPack(content: PackFile, file: string, lineOf: ReturnType<typeof lineFinder>): Pack {
  const rules = content.rules.map(
    ({ effective, ...rest }, index): Rule => ({
      ...rest,
      jurisdiction: rest.jurisdiction ?? content.jurisdiction,
      effective: {
        fromMs: Date.parse(effective.from),
        toMs: effective.to === undefined ? Infinity : Date.parse(effective.to),
      },
      examples: rest.examples.map((example, i) => ({
        ...example,
        line: lineOf(['rules', index, 'examples', i]),
      })),
      line: lineOf(['rules', index]),
    }),
  );
  return Object.freeze({
    id: content.pack,
    title: content.title,
    jurisdiction: content.jurisdiction,
    version: hash16(canonicalJson(content)),
    file,
    extends: content.extends,
    without: content.without,
    members: content.members,
    ...(content.retention === undefined ? {} : { retention: content.retention }),
    calendars: content.calendars,
    rules: Object.freeze(rules),
  });
}

/** Names of the packs of a folder, without ending, sorted, so that `us` comes before `us-states`. */
function packFiles(dir: string): string[] {
  let files: string[];
  try {
    files = readdirSync(dir).filter((name) => name.endsWith('.yaml'));
  } catch (cause) {
    throw new LanewayError('RULE_PACKS_UNREADABLE', `cannot read rule packs: ${messageOf(cause)}`, {
      fix: 'Name a folder that holds *.yaml packs.',
      where: dir,
      cause,
    });
  }
  if (files.length === 0) {
    throw new LanewayError('RULE_PACKS_UNREADABLE', 'there is no *.yaml pack in the folder', {
      fix: 'Without rules nothing may be sent: name a folder that holds packs.',
      where: dir,
    });
  }
  return files.map((name) => name.slice(0, -'.yaml'.length)).sort();
}

/**
 * Reads every `*.yaml` of a folder, in the order of names.
 * @param dir default: the packs that come with Laneway
 * @throws {LanewayError} `RULE_PACK_INVALID` (all problems of all files), `RULE_PACKS_UNREADABLE`
 */
export function loadPacks(dir: string = PACK_DIR): readonly Pack[] {
  const problems: string[] = [];
  const packs: Pack[] = [];
  for (const name of packFiles(dir)) {
    try {
      packs.push(readPack(dir, name));
    } catch (error) {
      if (!(error instanceof LanewayError)) throw error;
      problems.push(error.message);
    }
  }
  problems.push(...disagreements(packs));
  if (problems.length > 0) throw invalid(problems);
  return Object.freeze(packs);
}

function readPack(dir: string, name: string): Pack {
  const file = `${name}.yaml`;
  const text = readFileSync(join(dir, file), 'utf8');
  return readBefore(text, file) ?? parsePack(text, file);
}

/**
 * Reads one pack of a folder and those that it extends: for its author, whom mistakes in other packs do not stop.
 * What only the whole set shows (an id in two packs, pre-emption of rules elsewhere) is not looked at.
 * @throws {LanewayError} `RULE_PACK_INVALID`, `RULE_PACKS_UNREADABLE`, `RULE_PACK_UNKNOWN`
 */
export function loadPack(name: string, dir: string = PACK_DIR): readonly Pack[] {
  const files = packFiles(dir);
  if (!files.includes(name)) {
    throw new LanewayError('RULE_PACK_UNKNOWN', `there is no pack ${name}; there are ${files.join(', ')}`, {
      fix: 'Name a file of the folder without its ending.',
      where: dir,
    });
  }
  const packs: Pack[] = [];
  const wanted = [name];
  for (let file = wanted.shift(); file !== undefined; file = wanted.shift()) {
    const pack = readPack(dir, file);
    packs.push(pack);
    for (const parent of pack.extends) {
      const there = files.includes(parent) && !packs.some(({ id }) => id === parent);
      if (there && !wanted.includes(parent)) wanted.push(parent);
    }
  }
  const own = packs.map((pack) => ({
    ...pack,
    rules: pack.rules.map((rule) => ({
      ...rule,
      preempts: rule.preempts.filter((id) => packs.some(({ rules }) => rules.some((one) => one.id === id))),
    })),
  }));
  const problems = disagreements(own);
  if (problems.length > 0) throw invalid(problems);
  return Object.freeze(own);
}

/** Version of a set of packs: changes whenever the content of any of them does. */
export const versionOf = (packs: readonly Pack[]): string =>
  hash16(canonicalJson(packs.map((pack) => [pack.id, pack.version])));
