import { monotonicMs } from '../../models/base/clock.ts';
import { createCacheKeys } from '../../models/cache-key.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Encoder } from '../../models/encoder/encoder.ts';
import type { Model } from '../../models/model.ts';
import { createCachedClassifier } from '../../pipeline/cache/inference-cache.ts';
import { treatmentOf } from '../../pipeline/classify/treatment.ts';
import { contentOf } from '../../pipeline/comply/content/content.ts';
import { evaluate } from '../../pipeline/comply/evaluate.ts';
import { compileRules } from '../../pipeline/comply/language/compile.ts';
import { loadPacks } from '../../pipeline/comply/language/load.ts';
import { candidateZones } from '../../pipeline/comply/place/zones.ts';

export interface EdgeBenchRow {
  readonly what: string;
  readonly messages: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

const NOON_MS = Date.UTC(2026, 6, 15, 16);
const TO = '+12125550147';
const WARM_UP = 200;

/**
 * Classify and ask the rules in one process, no Redis, no store: one message after the other, reasons and all.
 *
 * @param known messages that the cache may know by the time they are measured
 * @param unseen messages that it does not
 */
export async function benchEdge(
  model: Model,
  encoder: Encoder | undefined,
  known: readonly string[],
  unseen: readonly string[],
): Promise<EdgeBenchRow[]> {
  const classifier = createCachedClassifier({
    classifier: createClassifier(model, encoder),
    cacheKey: createCacheKeys({ modelVersion: model.manifest.version, encoderId: encoder?.id ?? 'none' }),
  });
  const rules = compileRules(loadPacks());
  const decide = async (text: string): Promise<void> => {
    const [verdict] = await classifier.classify([{ text }]);
    const { treatment } = treatmentOf({ verdict });
    const { jurisdictions, zones, basis } = candidateZones({ to: TO });
    evaluate(
      rules,
      {
        message: { channel: 'sms', class: verdict!.class, treatment, ...contentOf(text, 'sms') },
        recipient: { jurisdictions, zones, zoneBasis: basis },
        sender: { id: 'ACME', brand: 'Acme' },
        consent: [],
        suppression: [],
        registries: {},
        counters: {},
      },
      NOON_MS,
    );
  };
  const measure = async (what: string, texts: readonly string[]): Promise<EdgeBenchRow> => {
    const times: number[] = [];
    for (const text of texts) {
      const fromMs = monotonicMs();
      await decide(text);
      times.push(monotonicMs() - fromMs);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) =>
      Math.round(1_000 * (times[Math.floor(share * (times.length - 1))] ?? 0)) / 1_000;
    return { what, messages: texts.length, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
  };
  for (const text of [...known, ...unseen.slice(0, WARM_UP)]) await decide(text);
  return [await measure('known templates', known), await measure('never seen', unseen.slice(WARM_UP))];
}
