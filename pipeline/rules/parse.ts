import { LanewayError } from '../../models/base/errors.ts';
import { disagreements } from '../comply/language/inherit.ts';
import { parsePack } from '../comply/language/load.ts';
import type { Pack } from '../comply/types.ts';

/**
 * Packs from their files, all problems of all of them together.
 *
 * @param files name to YAML text
 * @throws LanewayError `RULE_PACK_INVALID`
 */
export function parsePacks(files: Readonly<Record<string, string>>): readonly Pack[] {
  const problems: string[] = [];
  const packs: Pack[] = [];
  for (const name of Object.keys(files).sort()) {
    try {
      packs.push(parsePack(files[name]!, name));
    } catch (error) {
      if (!(error instanceof LanewayError)) throw error;
      problems.push(error.message);
    }
  }
  problems.push(...disagreements(packs));
  if (problems.length === 0 && packs.length > 0) return packs;
  throw new LanewayError('RULE_PACK_INVALID', problems.join('\n') || 'there is no pack', {
    fix: 'Correct the lines named; the packs in force stay as they are.',
  });
}
