import { appendFileSync } from 'node:fs';
import { keywordClassifier, openCompliance } from '../../pipeline/compose.fixture.ts';
import { createPipeline } from '../../pipeline/compose.ts';

/**
 * A whole Laneway that accepts `count` messages as fast as it can, noting each acknowledged id in a file, and
 * works them off until it is killed. Arguments: data folder, file of acknowledged ids, count, batch size.
 */
const [dataDir, ackFile, count, batch] = process.argv.slice(2) as [string, string, string, string];
const pipeline = await createPipeline({
  dataDir,
  classifier: keywordClassifier(),
  cacheKey: (input) => input.text,
  compliance: openCompliance(),
  sandbox: { latencyMedianMs: 20, transientRate: 0.02, ambiguousRate: 0.02, undeliveredRate: 0 },
  retry: { baseMs: 50 },
  report: (error, doing) => console.error(doing, error),
});
await pipeline.start();
process.send?.('started');

for (let i = 0; i < Number(count); ) {
  const items = Array.from({ length: Math.min(Number(batch), Number(count) - i) }, () => {
    const n = i++;
    const promotional = n % 3 === 0;
    return {
      idempotencyKey: `${process.pid}-${n}`,
      request: {
        to: `+1212${String(2_000_000 + (n % 1_500)).padStart(7, '0')}`,
        from: promotional ? 'SHOP' : 'BANK',
        channel: 'sms',
        ...(promotional ? { category: 'marketing' } : { category: 'receipt' }),
        body: promotional ? `Sale: ${n}% of everything` : `Your order ${n} has shipped`,
      },
    };
  });
  const results = await pipeline.accept('lab', items);
  const ids = results.flatMap((result) => (result.kind === 'accepted' ? [result.id] : []));
  appendFileSync(ackFile, `${ids.join('\n')}\n`);
}
process.send?.('accepted');
