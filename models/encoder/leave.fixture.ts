import { createMiniLmEncoder } from './minilm.ts';
import { madeUpTexts } from './testing/texts.ts';

/** Leaves in the middle of work, in the way that its second argument names: run by `encoder.int.test.ts`. */
const [dir, way] = process.argv.slice(2) as [string, 'exit' | 'throw'];
const encoder = await createMiniLmEncoder({ dir });
const texts = madeUpTexts(200);
void encoder.encode(texts);
await encoder.encode([texts[0]!]);
if (way === 'throw') throw new Error('thrown while the encoder works');
process.exit(7);
