import { Counter, Gauge, type Registry } from 'prom-client';
import type { DriftReport, MonitorName } from '../../models/drift/monitor.ts';
import type { ServingModels } from '../models/serving.ts';

const GAUGES: Readonly<Record<MonitorName, readonly [name: string, help: string]>> = {
  score: ['laneway_drift_score_psi', 'Population stability index of P(promotional) against training'],
  'sure-share': ['laneway_drift_sure_share_change', 'Change of the share of sure answers against training'],
  'unseen-terms': [
    'laneway_drift_unseen_terms_psi',
    'Population stability index of the share of unseen terms',
  ],
  senders: ['laneway_drift_sender_shift', "Largest change of one sender's mean P(promotional)"],
};

/** Adds drift and shadow figures to what Prometheus reads; they are read off when it asks. */
export function addModelMetrics(
  registry: Registry,
  models: Pick<ServingModels, 'version' | 'drift' | 'challenger' | 'unobserved'>,
): void {
  const registers = [registry];
  const labelNames = ['tenant', 'model'] as const;
  const each = (set: (report: DriftReport) => void) => {
    for (const report of models.drift()) set(report);
  };
  for (const [monitor, [name, help]] of Object.entries(GAUGES)) {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        each(({ tenant, modelVersion, readings }) => {
          const reading = readings.find((one) => one.monitor === monitor);
          if (reading) this.set({ tenant, model: modelVersion }, reading.value);
        });
      },
    });
  }
  new Gauge({
    name: 'laneway_drift_alarm',
    help: '1 while a monitor is past its threshold',
    labelNames: [...labelNames, 'monitor'],
    registers,
    collect() {
      this.reset();
      each(({ tenant, modelVersion, readings }) => {
        for (const { monitor, alarm } of readings)
          this.set({ tenant, model: modelVersion, monitor }, alarm ? 1 : 0);
      });
    },
  });
  new Counter({
    name: 'laneway_unobserved_messages_total',
    help: 'Answered messages that monitors and challenger did not look at: too many at once, or too long',
    registers,
    collect() {
      this.reset();
      this.inc(models.unobserved);
    },
  });
  new Gauge({
    name: 'laneway_model_info',
    help: 'Models in service',
    labelNames: ['role', 'model'],
    registers,
    collect() {
      this.reset();
      this.set({ role: 'champion', model: models.version }, 1);
      const challenger = models.challenger();
      if (challenger) this.set({ role: 'challenger', model: challenger.version }, 1);
    },
  });
  new Counter({
    name: 'laneway_shadow_messages_total',
    help: 'What became of messages that the challenger was to answer too',
    labelNames: ['challenger', 'outcome'],
    registers,
    collect() {
      this.reset();
      const stats = models.challenger()?.stats;
      if (!stats) return;
      const { challengerVersion: challenger, compared, disagreed, dropped, failed } = stats;
      const agreed = compared - disagreed.class - disagreed.treatment;
      const outcomes = { agreed, 'other-class': disagreed.class, 'other-treatment': disagreed.treatment };
      for (const [outcome, count] of Object.entries({ ...outcomes, dropped, failed }))
        this.inc({ challenger, outcome }, count);
    },
  });
}
