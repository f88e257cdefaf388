import type { LabelledRow } from '../../data/read/labelled.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import { fingerprint } from '../../models/text/fingerprint.ts';
import type { CliContext } from './context.ts';
import { readLabelledData } from './labelled-data.ts';
import type { DataFlags } from './options.ts';

/** Texts that a classifier cannot tell apart and that were given two labels. */
export interface Collision {
  readonly fingerprint: string;
  readonly canonical: string;
  /** Every row of it, in the order of the file. */
  readonly rows: readonly Pick<LabelledRow, 'line' | 'label' | 'text'>[];
}

/** Finds texts of one fingerprint with two labels. */
export function findCollisions(rows: readonly LabelledRow[]): Collision[] {
  const byText = new Map<string, LabelledRow[]>();
  for (const row of rows) {
    if (row.label === undefined) continue;
    const canonical = canonicalise(row.text);
    const same = byText.get(canonical);
    if (same) same.push(row);
    else byText.set(canonical, [row]);
  }
  return [...byText].flatMap(([canonical, same]) =>
    new Set(same.map(({ label }) => label)).size < 2
      ? []
      : [{ fingerprint: fingerprint(canonical), canonical, rows: same }],
  );
}

/** `laneway data collisions`: where one answer cannot fit both labels, whatever the model. */
export async function collisionsCommand(context: CliContext, path: string, flags: DataFlags): Promise<void> {
  const { print } = context;
  const { rows } = await readLabelledData(context, path, flags);
  const collisions = findCollisions(rows);
  for (const { canonical, fingerprint: hash, rows: same } of collisions) {
    print(`${hash}  ${JSON.stringify(canonical)}`);
    for (const { line, label, text } of same) print(`  ${path}:${line}: ${label}: ${JSON.stringify(text)}`);
  }
  const inThem = collisions.reduce((sum, one) => sum + one.rows.length, 0);
  const wrong = collisions.reduce((sum, { rows: same }) => {
    const promotional = same.filter(({ label }) => label === 'promotional').length;
    return sum + Math.min(promotional, same.length - promotional);
  }, 0);
  print(
    `${collisions.length} fingerprints with two labels, ${inThem} of ${rows.length} rows; one answer a fingerprint gets at least ${wrong} of them wrong`,
  );
}
