import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePack } from '../comply/language/load.ts';
import { draftPack } from './draft.ts';

const TEXT = `Model Act on Commercial Messages

Section 4. No person may send a commercial text message before 8 a.m. or after 9 p.m. local time
at the recipient's location.
Section 5. A sender shall not send more than three commercial messages within any 24-hour period.
Section 6. No commercial message shall be sent without the prior express written consent of the recipient.
Each message must include instructions to opt out of further messages.
Section 7. No person shall call a number on the national do-not-call register.
Section 8. The Commission shall publish a report each year.
This Act may be cited as the Model Act.
`;

describe('a draft', () => {
  const draft = draftPack(TEXT, { source: 'model-act.txt', pack: 'model', jurisdiction: 'ZZ' });
  const pack = parse(draft.yaml) as {
    rules: { id: string; require: object; doubt: string; basis: string }[];
  };

  test('proposes rules, each with its sentence and place', () => {
    expect(pack.rules.map(({ require }) => require)).toEqual([
      { localTimeIn: { windows: [{ days: 'every', from: '08:00', to: '21:00' }] } },
      {
        countAtMost: {
          count: 'solicitations',
          key: ['recipient', 'sender'],
          window: { rolling: 'PT24H' },
          max: 3,
        },
      },
      { consent: { level: 'express-written', purpose: 'marketing' } },
      { hasElement: ['opt-out-instruction'] },
      { notOnRegistry: { registry: 'do-not-call', maxAge: 'P31D' } },
    ]);
    expect(pack.rules[0]).toMatchObject({
      basis: 'Section 4., line 3',
      needsVerification: true,
      doubt: expect.stringContaining('before 8 a.m. or after 9 p.m. local time'),
    });
  });

  test('says which commands it did not understand', () => {
    expect(draft.unread).toBe(1);
    expect(draft.yaml).toContain('line 9: The Commission shall publish a report each year.');
  });

  test('is never active by itself: the loader refuses it', () => {
    expect(() => parsePack(draft.yaml, 'model.yaml')).toThrow(/draft/);
  });
});
