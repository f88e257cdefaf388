import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { readRecords } from '../../../data/read/records.ts';
import type { Classifier } from '../../../models/verdict.ts';
import { type Chosen, chooseForReview, type ReviewItem } from '../../../train/review/choose.ts';
import type { CliContext } from '../context.ts';
import { type FeedbackAccess, openFeedback } from '../feedback-access.ts';
import { openClassifier } from '../open-model.ts';
import { type Pairs, readOptions } from '../options.ts';
import { openKeys } from './keys.ts';
import { KEYS, renderMessage } from './screen.ts';
import { type Answer, runReview } from './session.ts';

export interface ReviewFlags {
  /** CSV or JSONL with a text column; default: messages of late in the store. */
  readonly data?: string;
  readonly column?: Pairs;
  readonly format?: string;
  readonly encoding?: string;
  readonly model?: string;
  /** Messages shown; default 20. */
  readonly limit?: number;
  /** Messages they are chosen from; default 2,000. */
  readonly pool?: number;
  /** Who says so; default: the user of the system. */
  readonly author?: string;
}

const DEFAULT_LIMIT = 20;
const DEFAULT_POOL = 2_000;
const WIDTH = 78;

/** `laneway data review`: the messages whose label would teach most, one key each. */
export async function reviewCommand(context: CliContext, flags: ReviewFlags): Promise<void> {
  const access = await openFeedback(context);
  try {
    const labelled = new Map<string, string | undefined>();
    for await (const { fingerprint, text } of access.all()) labelled.set(fingerprint, text);
    const pool = await poolOf(access, flags);
    const { model, classifier } = await openClassifier(context, flags.model);
    try {
      const chosen = await chooseForReview(pool, {
        model,
        classifier,
        labelled,
        limit: flags.limit ?? DEFAULT_LIMIT,
        onProgress: (done, total) => context.progress.show('choosing', done, total),
      });
      context.progress.end();
      if (chosen.length === 0) {
        context.note(`Nothing to label among ${pool.length} messages; name others with --data FILE.`);
        return;
      }
      await review(context, access, classifier, chosen, flags.author ?? userInfo().username);
    } finally {
      context.progress.end();
      await classifier.close();
    }
  } finally {
    await access.close();
  }
}

async function poolOf(access: FeedbackAccess, flags: ReviewFlags): Promise<ReviewItem[]> {
  const limit = flags.pool ?? DEFAULT_POOL;
  if (flags.data === undefined) {
    const messages = await access.unlabelled(limit);
    return messages.map(({ id, text, sender }) => ({ messageId: id, text, sender }));
  }
  const column = (name: string) => flags.column?.[name] ?? name;
  const items: ReviewItem[] = [];
  for await (const item of readRecords(flags.data, readOptions(flags))) {
    if ('error' in item) continue;
    const [text, sender, template] = ['text', 'sender', 'template'].map((name) => item.record[column(name)]);
    if (typeof text !== 'string' || text.trim() === '') continue;
    items.push({
      text,
      ...(typeof sender === 'string' && sender !== '' ? { sender } : {}),
      ...(typeof template === 'string' && template !== '' ? { template } : {}),
    });
  }
  // Spread over the file, whatever it is sorted by.
  const step = Math.max(1, items.length / limit);
  return Array.from({ length: Math.min(limit, items.length) }, (_, i) => items[Math.floor(i * step)]!);
}

async function review(
  context: CliContext,
  access: FeedbackAccess,
  classifier: Classifier,
  chosen: readonly Chosen[],
  author: string,
): Promise<void> {
  const { print } = context;
  const screen = {
    styled: process.stdout.isTTY === true && !context.env['NO_COLOR'],
    width: Math.min(process.stdout.columns ?? WIDTH, 100),
  };
  const keys = openKeys(context.input);
  print(`${chosen.length} messages to label as ${author}`);
  try {
    const { labelled, skipped } = await runReview(chosen, {
      keys,
      async show(message, at) {
        const [verdict] = await classifier.classify([{ text: message.text }]);
        const lines = renderMessage({ ...message, verdict: verdict! }, { at, of: chosen.length }, screen);
        for (const line of [...lines, KEYS]) print(line);
      },
      say: print,
      record: (message, answer) => access.add(statementOf(message, answer, author)),
    });
    print(`${labelled} labelled, ${skipped} skipped`);
    if (labelled > 0) print('next       npx laneway train --with-feedback');
  } finally {
    keys.close();
  }
}

function statementOf({ messageId, text }: Chosen, answer: Answer, author: string) {
  return {
    id: randomUUID(),
    ...(messageId === undefined ? { text } : { messageId }),
    ...answer,
    source: 'review',
    author,
  };
}
