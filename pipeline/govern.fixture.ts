import { parsePack } from './comply/language/load.ts';
import type { Pack } from './comply/types.ts';

/** A pack that blocks text messages beginning with certain words; every rule of it knows its version. */
export function wordPack(id: string, version: string, words: readonly string[], more = ''): Pack {
  const rules = words.map(
    (word) => `  - id: ${id}-no-${word.toLowerCase()}
    title: Version ${version}
    basis: Act ${version}
    reference: { kind: knowledge }
    layer: statute
    confidence: high
    needsVerification: false
    channels: [sms]
    treatment: both
    effective: { from: "2020-01-01" }
    require: { not: { textStartsWith: { any: ["${word}"] } } }
    effect: block
    onMissingData: strict
    explanation: No message may begin with ${word}.
    examples:
      - { name: a, expect: allow, facts: { message: { text: "hello" } } }
      - { name: d, expect: deny, facts: { message: { text: "${word} hello" } } }
`,
  );
  return parsePack(
    `pack: ${id}\ntitle: ${version}\njurisdiction: "*"\n${more}rules:\n${rules.join('')}`,
    `${id}.yaml`,
  );
}
