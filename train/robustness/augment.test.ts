import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { augmentRows, HELD_OUT_KINDS, TRAINED_KINDS } from './augment.ts';
import { TRAINING_BOILERPLATE } from './boilerplate.ts';
import { appendedBoilerplate, PERTURBATIONS } from './perturbations.ts';

const rows = Array.from({ length: 400 }, (_, line) => ({
  text: `Message number ${line} about the order that you placed with us last week`,
  line,
  template: `t${line}`,
  label: line % 2 === 0 ? ('promotional' as const) : ('transactional' as const),
}));

describe('augmenting', () => {
  it('keeps every row, in order, and adds twins for about the share asked for', () => {
    const out = [...augmentRows(rows, { share: 0.3 })];
    const originals = out.filter((row) => rows.includes(row));
    expect(originals).toEqual(rows);
    const twins = out.length - rows.length;
    expect(twins).toBeGreaterThan(80);
    expect(twins).toBeLessThan(160);
    out.forEach((row, at) => {
      if (rows.includes(row)) return;
      expect(row).toMatchObject({
        line: out[at - 1]!.line,
        template: out[at - 1]!.template,
        label: out[at - 1]!.label,
      });
      expect(row.text).not.toBe(out[at - 1]!.text);
    });
  });

  it('does the same to a row whatever comes before it, and something else with another seed', () => {
    const all = [...augmentRows(rows)].map(({ text }) => text);
    const half = [...augmentRows(rows.slice(200))].map(({ text }) => text);
    expect(all.slice(-half.length)).toEqual(half);
    expect([...augmentRows(rows, { seed: 2 })].map(({ text }) => text)).not.toEqual(all);
    expect([...augmentRows(rows, { share: 0 })]).toEqual(rows);
  });

  it('shows training neither the two kinds held out nor a sentence that the suite adds', () => {
    expect(HELD_OUT_KINDS.size).toBe(2);
    for (const kind of HELD_OUT_KINDS) {
      expect(PERTURBATIONS).toHaveProperty(kind);
      expect(TRAINED_KINDS).not.toContain(kind);
    }
    const added = Array.from({ length: 50 }, (_, seed) =>
      appendedBoilerplate('', 1, createRandom(seed)),
    ).join(' ');
    for (const sentence of TRAINING_BOILERPLATE) expect(added).not.toContain(sentence.replace(/[.!]$/, ''));
  });
});
