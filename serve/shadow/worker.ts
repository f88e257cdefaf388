import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { readModel } from '../../models/artifact/registry.ts';
import { messageOf } from '../../models/base/errors.ts';
import { createClassifier } from '../../models/classify.ts';
import type { ClassifyInput } from '../../models/verdict.ts';
import { openEncoderFor } from '../encoder.ts';
import type { ShadowAnswer } from './shadow.ts';

/** What `challenger.ts` starts the thread with. */
export interface ChallengerStart {
  /** Folder of the model. */
  readonly dir: string;
  readonly home: string;
  readonly encoder: string;
}
export type ChallengerRequest =
  | { readonly kind: 'classify'; readonly inputs: readonly ClassifyInput[] }
  | { readonly kind: 'close' };
export type ChallengerReply =
  | { readonly kind: 'ready'; readonly missing?: string }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'answers'; readonly answers: readonly ShadowAnswer[] }
  | { readonly kind: 'failed'; readonly message: string };

/** On Linux a priority belongs to a thread: who decides goes before who only watches. */
const NICE = 10;

function yieldToOthers(): void {
  try {
    setPriority(0, NICE);
  } catch {
    // Not allowed everywhere; the bounded queue holds all the same.
  }
}

async function serve({ dir, home, encoder: wanted }: ChallengerStart): Promise<void> {
  const port = parentPort!;
  const reply = (message: ChallengerReply) => port.postMessage(message);
  if (process.platform === 'linux') yieldToOthers();
  const model = readModel(dir);
  const { encoder, missing } = await openEncoderFor(model, wanted, { home, threads: 1 });
  const classifier = createClassifier(model, encoder);
  port.on('message', async (request: ChallengerRequest) => {
    if (request.kind === 'close') {
      await classifier.close();
      port.close();
      return;
    }
    try {
      const verdicts = await classifier.classify(request.inputs, { reasons: false });
      reply({
        kind: 'answers',
        answers: verdicts.map(({ class: named, band, probability, risk }) => ({
          class: named,
          band,
          probability,
          risk,
        })),
      });
    } catch (error) {
      reply({ kind: 'failed', message: messageOf(error) });
    }
  });
  reply({ kind: 'ready', ...(missing === undefined ? {} : { missing }) });
}

serve(workerData as ChallengerStart).catch((error: unknown) => {
  parentPort!.postMessage({ kind: 'refused', message: messageOf(error) } satisfies ChallengerReply);
});
