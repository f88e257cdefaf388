import type { FeedbackEntry } from '../../pipeline/store/feedback.ts';
import type { HumanLabel } from '../../train/feedback.ts';
import type { CliContext } from './context.ts';
import { openFeedback } from './feedback-access.ts';
import { openOutput } from './output.ts';

const SHOWN_CHARACTERS = 60;

const saidOf = ({ label, risk }: FeedbackEntry): string =>
  [...(label ? [label] : []), ...(risk === undefined ? [] : [risk ? 'scam' : 'no scam'])].join(', ');

/** `laneway feedback list`: the latest statements, oldest of them first. */
export async function listFeedbackCommand(context: CliContext, limit: number): Promise<void> {
  const access = await openFeedback(context);
  try {
    let count = 0;
    const latest: FeedbackEntry[] = [];
    for await (const entry of access.all()) {
      count++;
      latest.push(entry);
      if (latest.length > limit) latest.shift();
    }
    for (const entry of latest) {
      const at = new Date(entry.atMs).toISOString();
      const text = (entry.text ?? '(message gone)').replace(/\s+/g, ' ').slice(0, SHOWN_CHARACTERS);
      context.print(
        `${at}  ${entry.author.padEnd(12)}  ${saidOf(entry).padEnd(22)}  ${entry.fingerprint.slice(0, 12)}  ${text}`,
      );
    }
    context.note(count > limit ? `${count} labels, the latest ${limit} shown` : `${count} labels`);
  } finally {
    await access.close();
  }
}

/** `laneway feedback export`: every statement as labelled JSONL, as `train --data` and `evaluate --data` read it. */
export async function exportFeedbackCommand(context: CliContext, out: string): Promise<void> {
  const access = await openFeedback(context);
  const output = await openOutput(out);
  let [written, gone] = [0, 0];
  try {
    for await (const { text, label, risk, author, source, note, fingerprint, id, atMs } of access.all()) {
      if (text === undefined) {
        gone++;
        continue;
      }
      const at = new Date(atMs).toISOString();
      const row = {
        text,
        label: label ?? (risk ? 'risk' : 'ignore'),
        risk,
        author,
        source,
        note,
        fingerprint,
        id,
        at,
      };
      if (!(await output.write(`${JSON.stringify(row)}\n`))) return;
      written++;
    }
    await output.commit();
    context.note(`${written} labels written${gone > 0 ? `, ${gone} left out: their message is gone` : ''}`);
  } catch (error) {
    await output.discard();
    throw error;
  } finally {
    await access.close();
  }
}

/** Labels of people for training; those whose message is gone are left out. */
export async function humanLabels(context: CliContext): Promise<HumanLabel[]> {
  const access = await openFeedback(context);
  const labels: HumanLabel[] = [];
  try {
    for await (const { text, label, risk, author, atMs } of access.all()) {
      if (text === undefined) continue;
      labels.push({
        text,
        author,
        atMs,
        ...(label === undefined ? {} : { label }),
        ...(risk === undefined ? {} : { risk }),
      });
    }
    return labels;
  } finally {
    await access.close();
  }
}
