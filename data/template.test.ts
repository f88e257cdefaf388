import { describe, expect, it } from 'vitest';
import { createRandom } from '../models/base/random.ts';
import { maskedTemplate, parseTemplate, renderTemplate, slotsOf } from './template.ts';

const fill = (name: string) => `<${name}>`;
const render = (source: string, seed = 1) => renderTemplate(parseTemplate(source), fill, createRandom(seed));

describe('templates', () => {
  it('renders text, slots, choices and line breaks', () => {
    expect(render('Hi {name}\\nPay {amount}. a|b')).toBe('Hi <name>\nPay <amount>. a|b');
    const seen = new Set(Array.from({ length: 50 }, (_, seed) => render('{Hi|Hello {name}|}!', seed)));
    expect([...seen].sort()).toEqual(['!', 'Hello <name>!', 'Hi!']);
  });

  it('lists slots, those of every wording too', () => {
    expect(slotsOf(parseTemplate('{a} {x {b}|y {c} {a}}'))).toEqual(['a', 'b', 'c', 'a']);
  });

  it('masks slots and takes the first wording', () => {
    expect(maskedTemplate(parseTemplate('Hi {name}, {pay {amount}|send}!'))).toBe('Hi #, pay #!');
  });

  it.each([
    ['a {name', /"\{" at column 3 is never closed/],
    ['a\\nb {name', /"\{" at column 6 is never closed/],
    ['a name}', /"\}" without "\{" at column 7/],
    ['{Name}', /"\{Name\}" is not a slot name/],
    ['{}', /is not a slot name/],
    ['{a|{b|c}}', /a choice inside a choice/],
    ['{{a}}', /is not a slot name/],
  ])('refuses %s', (source, message) => {
    expect(() => parseTemplate(source)).toThrow(expect.objectContaining({ code: 'TEMPLATE_SYNTAX' }));
    expect(() => parseTemplate(source)).toThrow(message);
  });
});
