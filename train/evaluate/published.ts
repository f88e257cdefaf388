/** One column of the published comparison. */
export interface PublishedFigures {
  readonly name: string;
  /** Share of messages classed rightly, 0 to 1. */
  readonly accuracy: number;
  /** Share of transactional messages taken for promotional, 0 to 1. */
  readonly falsePositiveRate: number;
  readonly latencyMs: number;
  readonly messagesPerSecond: number;
}

/** What was published for classifiers of this kind, each measured by its authors on data of their own. */
export const PUBLISHED: readonly PublishedFigures[] = Object.freeze([
  {
    name: 'Published baseline',
    accuracy: 0.942,
    falsePositiveRate: 0.051,
    latencyMs: 12,
    messagesPerSecond: 85_000,
  },
  {
    name: 'Industry baseline',
    accuracy: 0.85,
    falsePositiveRate: 0.152,
    latencyMs: 25,
    messagesPerSecond: 50_000,
  },
]);
