import type { ServingModels } from '../models/serving.ts';
import type { Door } from './door.ts';
import * as schemas from './model-schemas.ts';
import { queryOf } from './query.ts';

export type ModelPorts = Pick<
  ServingModels,
  'version' | 'encoder' | 'observe' | 'drift' | 'challenger' | 'disagreements'
>;

const NOTHING_COMPARED = {
  compared: 0,
  disagreed: { class: 0, treatment: 0 },
  dropped: 0,
  failed: 0,
  waiting: 0,
};

/** Which models are in service, how well the champion still fits, and where its challenger disagrees. */
export function modelDoors({ models }: { readonly models: ModelPorts }): Door[] {
  return [
    {
      method: 'get',
      path: '/v1/models',
      summary: 'The model that decides and the one that watches',
      answer: { status: 200, description: 'The models in service', schema: schemas.ModelsView },
      handle(c) {
        const challenger = models.challenger();
        const { compared, disagreed, dropped, failed, waiting } = challenger?.stats ?? NOTHING_COMPARED;
        return c.json({
          champion: { version: models.version, encoder: models.encoder },
          challenger: challenger
            ? {
                version: challenger.version,
                state: challenger.state,
                compared,
                disagreed,
                dropped,
                failed,
                waiting,
              }
            : null,
        });
      },
    },
    {
      method: 'get',
      path: '/v1/models/drift',
      summary: 'Do messages still look like those the champion was trained on?',
      description:
        'Over the latest messages: population stability index of the scores and of the share of unseen terms, change of the share of sure answers, and senders whose messages are no longer what they were. Another mix of classes than in training shows as drift of the scores too.',
      answer: { status: 200, description: 'The monitors', schema: schemas.DriftView },
      handle(c) {
        const [report] = models.drift(c.var.tenant);
        const none = {
          modelVersion: models.version,
          state: 'learning',
          messages: 0,
          readings: [],
          shiftedSenders: [],
        };
        const { tenant: _, ...view } = report ?? { tenant: '', ...none };
        return c.json(view);
      },
    },
    {
      method: 'get',
      path: '/v1/models/disagreements',
      summary: 'Where champion and challenger disagree',
      description: 'By fingerprint, the most frequent first; never with the text.',
      query: schemas.DisagreementsQuery,
      answer: { status: 200, description: 'The disagreements', schema: schemas.Disagreements },
      refusals: ['INVALID_QUERY'],
      handle(c) {
        const { limit } = queryOf(schemas.DisagreementsQuery, c.req.query());
        const listed = models.disagreements(c.var.tenant, limit);
        return c.json({
          disagreements: listed.map(({ firstAtMs, lastAtMs, ...one }) => ({
            ...one,
            firstAt: new Date(firstAtMs).toISOString(),
            lastAt: new Date(lastAtMs).toISOString(),
          })),
        });
      },
    },
  ];
}
