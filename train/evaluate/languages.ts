import { type Answered, bandFigures, outcomeOfItems } from './figures.ts';
import type { LanguageFigures } from './metrics.ts';

/** Languages of which the model may be sure. Others are recognised and stay unsure until they are measured here. */
const EARNED: ReadonlySet<string> = new Set(['en']);

/** The tag's language in Latin letters or not: `en-GB` is `en`, `hi-Latn` stays. */
const familyOf = (tag: string): string => {
  const [language = '', script] = tag.split('-');
  return script?.length === 4 ? `${language.toLowerCase()}-${script}` : language.toLowerCase();
};

/**
 * Classes and bands by language, the language with most rows first; empty where no row says its language.
 */
export function languageFigures(items: readonly Answered[]): LanguageFigures[] {
  const members = new Map<string, Answered[]>();
  for (const item of items) {
    if (item.row.lang === undefined) continue;
    const lang = familyOf(item.row.lang);
    const held = members.get(lang);
    if (held) held.push(item);
    else members.set(lang, [item]);
  }
  return [...members]
    .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
    .map(([lang, held]) => {
      const { coverage, sureAccuracy, treatmentLeak } = bandFigures(held);
      return {
        lang,
        ...outcomeOfItems(held),
        sure: coverage,
        sureAccuracy,
        treatmentLeak,
        earned: EARNED.has(lang),
      };
    });
}
