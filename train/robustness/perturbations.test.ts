import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import { PERTURBATIONS } from './perturbations.ts';

const TEXT = 'Your FREE gift card waiting: shop now and spend on every order - www.example.com/gifts';

describe('perturbations', () => {
  it.each(Object.entries(PERTURBATIONS))('%s changes the text, the same way for one seed', (_, perturb) => {
    const changed = perturb(TEXT, 0.5, createRandom(4));
    expect(changed).not.toBe(TEXT);
    expect(perturb(TEXT, 0.5, createRandom(4))).toBe(changed);
    expect(perturb(TEXT, 0, createRandom(4))).toBe(TEXT);
  });

  it.each(['lookAlikes', 'zeroWidth', 'strayDiacritics', 'fullWidth', 'leet', 'spacedLetters'])(
    '%s is undone by canonical text',
    (name) => {
      const canonical = canonicalise(TEXT);
      for (let seed = 0; seed < 20; seed++) {
        const changed = PERTURBATIONS[name]!(TEXT, 1, createRandom(seed));
        // Spaced words in a row are joined and split again by the dictionary, where it can.
        expect(canonicalise(changed).toLowerCase(), changed).toBe(canonical.toLowerCase());
      }
    },
  );

  it('leaves addresses alone', () => {
    for (const perturb of Object.values(PERTURBATIONS)) {
      if (perturb === PERTURBATIONS['truncatedStart']) continue;
      expect(perturb(TEXT, 1, createRandom(1))).toContain('www.example.com/gifts');
    }
  });
});
