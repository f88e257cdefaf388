import { join } from 'node:path';
import { systemClock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import type { FeedbackEntry, FeedbackStatement, UnlabelledMessage } from '../../pipeline/store/feedback.ts';
import { DEFAULT_TENANT } from '../config.ts';
import type { CliContext } from './context.ts';
import { callServer, NO_SERVER } from './remote.ts';

/** The data folder's feedback: asked of the running server, or read from the store where none runs. */
export interface FeedbackAccess {
  /** @throws LanewayError `FEEDBACK_REFUSED` */
  add(statement: FeedbackStatement): Promise<void>;
  /** Every statement, in order of arrival. */
  all(): AsyncGenerator<FeedbackEntry>;
  /** Classified messages of late without a label. */
  unlabelled(limit: number): Promise<UnlabelledMessage[]>;
  close(): Promise<void>;
}

const PAGE = 1_000;
/** @throws LanewayError what opening the store throws, or the server's answer */
export async function openFeedback(context: CliContext): Promise<FeedbackAccess> {
  try {
    await callServer(context, 'GET', '/v1/feedback?limit=1');
    return remoteFeedback(context);
  } catch (error) {
    if (!(error instanceof LanewayError) || !NO_SERVER.has(error.code)) throw error;
    return storedFeedback(context);
  }
}

interface PageAnswer {
  readonly feedback: readonly (Omit<FeedbackEntry, 'atMs'> & { readonly at: string })[];
  readonly next: number | null;
}

function remoteFeedback(context: CliContext): FeedbackAccess {
  return {
    async add(statement) {
      await callServer(context, 'POST', '/v1/feedback', statement);
    },
    async *all() {
      let after: number | null = 0;
      while (after !== null) {
        const path = `/v1/feedback?limit=${PAGE}&after=${after}`;
        const page = (await callServer(context, 'GET', path)) as PageAnswer;
        for (const { at, ...entry } of page.feedback) yield { ...entry, atMs: Date.parse(at) };
        after = page.next;
      }
    },
    async unlabelled(limit) {
      const path = `/v1/feedback/candidates?limit=${Math.min(limit, PAGE)}`;
      const answer = (await callServer(context, 'GET', path)) as { messages: UnlabelledMessage[] };
      return answer.messages;
    },
    close: async () => undefined,
  };
}

async function storedFeedback(context: CliContext): Promise<FeedbackAccess> {
  const { openStore } = await import('../../pipeline/store/open.ts');
  const { createFeedbackLedger } = await import('../../pipeline/store/feedback.ts');
  const url = context.env['DATABASE_URL'] || undefined;
  const store = await openStore(
    url === undefined ? { kind: 'pglite', dir: join(context.home, 'store') } : { kind: 'postgres', url },
  );
  const ledger = createFeedbackLedger(store.bulk);
  return {
    async add(statement) {
      const [outcome] = await ledger.append(DEFAULT_TENANT, [statement], systemClock());
      if ('fingerprint' in outcome!) return;
      throw new LanewayError('FEEDBACK_REFUSED', `the label was not taken: ${outcome!.kind}`, {
        where: statement.messageId ?? statement.id,
      });
    },
    async *all() {
      let afterSeq = 0;
      for (;;) {
        const page = await ledger.list(DEFAULT_TENANT, { afterSeq, limit: PAGE });
        yield* page;
        if (page.length < PAGE) return;
        afterSeq = page.at(-1)!.seq;
      }
    },
    unlabelled: (limit) => ledger.unlabelled(DEFAULT_TENANT, limit),
    close: () => store.close(),
  };
}
