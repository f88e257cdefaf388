import smpp, { type Pdu, type Session } from 'smpp';
import type { Random } from '../../../models/base/random.ts';
import { statusName } from './status.ts';

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly ca?: string | undefined;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** Time between signs of life, and longest wait for the answer to one, ms. */
  readonly enquireMs: number;
  readonly answerMs: number;
  readonly random: Random;
  /** Answers `deliver_sm` with the status that it resolves to. */
  readonly onDeliver: (pdu: Pdu) => Promise<number>;
  readonly onFault: (fault: string) => void;
}

/** How a submission ended on the wire. `unsent`: it never left; `lost`: it left, and no answer came. */
export type Submitted =
  | { readonly kind: 'answer'; readonly pdu: Pdu }
  | { readonly kind: 'unsent'; readonly why: string }
  | { readonly kind: 'lost'; readonly why: string };

/** One session with a carrier, bound as transceiver, brought back whenever it breaks. */
export interface Link {
  /** Waits a moment for the link when it is on its way up. */
  submit(fields: Readonly<Record<string, unknown>>): Promise<Submitted>;
  /** Why there is no session, or undefined while there is one. */
  readonly fault: string | undefined;
  close(): Promise<void>;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;

export function openLink(options: LinkOptions): Link {
  let session: Session | undefined;
  let bound = false;
  let fault: string | undefined = 'not connected yet';
  let tries = 0;
  let closing = false;
  let again: NodeJS.Timeout | undefined;
  let enquiring: NodeJS.Timeout | undefined;
  /** Submissions without an answer: told when the session ends. */
  const pending = new Set<(why: string) => void>();
  let arrivals: Array<() => void> = [];

  function up(): void {
    bound = true;
    fault = undefined;
    tries = 0;
    for (const arrive of arrivals) arrive();
    arrivals = [];
    enquiring = setInterval(enquire, options.enquireMs);
    enquiring.unref();
  }

  function down(ended: Session, why: string): void {
    if (session !== ended) return;
    session = undefined;
    bound = false;
    fault = why;
    clearInterval(enquiring);
    ended.destroy();
    for (const lose of pending) lose(why);
    pending.clear();
    if (closing) return;
    options.onFault(why);
    const ceilingMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries++);
    again = setTimeout(open, ceilingMs / 2 + options.random.next() * (ceilingMs / 2));
  }

  function open(): void {
    const { host, port, tls, ca, systemId, password, systemType } = options;
    const fresh = smpp.connect({ host, port, tls, ...(tls ? { servername: host, ca } : {}) });
    session = fresh;
    const impatient = setTimeout(() => down(fresh, 'no bind within the time limit'), options.answerMs);
    fresh.on('error', (error: Error) =>
      down(fresh, `connection failed: ${(error as NodeJS.ErrnoException).code ?? error.message}`),
    );
    fresh.on('close', () => {
      clearTimeout(impatient);
      down(fresh, fault ?? 'the carrier closed the connection');
    });
    fresh.on(tls ? 'secureConnect' : 'connect', () => {
      const bind = { system_id: systemId, password, system_type: systemType, interface_version: 0x34 };
      fresh.bind_transceiver(bind, (pdu) => {
        clearTimeout(impatient);
        if (pdu.command_status === 0) up();
        else down(fresh, `the carrier refused the bind: ${statusName(pdu.command_status)}`);
      });
    });
    fresh.on('enquire_link', (pdu: Pdu) => fresh.send(pdu.response()));
    fresh.on('unbind', (pdu: Pdu) => {
      fresh.send(pdu.response());
      down(fresh, 'the carrier ended the session');
    });
    fresh.on('deliver_sm', (pdu: Pdu) => void answer(fresh, pdu));
  }

  async function answer(to: Session, pdu: Pdu): Promise<void> {
    const status = await options.onDeliver(pdu);
    to.send(pdu.response(status === 0 ? {} : { command_status: status }));
  }

  function enquire(): void {
    const asked = session;
    if (!asked) return;
    const silent = setTimeout(() => down(asked, 'no answer to enquire_link'), options.answerMs);
    silent.unref();
    if (!asked.enquire_link({}, () => clearTimeout(silent)))
      down(asked, 'the connection cannot be written to');
  }

  /** The session, after a short wait for one that is coming up. */
  async function whenBound(): Promise<Session | undefined> {
    if (!bound && !closing) {
      let arrive: () => void = () => undefined;
      await new Promise<void>((resolve) => {
        arrive = resolve;
        arrivals.push(resolve);
        setTimeout(resolve, Math.min(1_000, options.answerMs)).unref();
      });
      arrivals = arrivals.filter((one) => one !== arrive);
    }
    return bound ? session : undefined;
  }

  open();
  return {
    get fault() {
      return bound ? undefined : (fault ?? 'not bound');
    },
    async submit(fields) {
      const there = await whenBound();
      if (!there) return { kind: 'unsent', why: fault ?? 'not bound' };
      return new Promise((resolve) => {
        const lose = (why: string): void => {
          clearTimeout(timer);
          pending.delete(lose);
          resolve({ kind: 'lost', why });
        };
        const timer = setTimeout(() => lose(`no answer within ${options.answerMs} ms`), options.answerMs);
        pending.add(lose);
        const sent = there.submit_sm(fields, (pdu) => {
          clearTimeout(timer);
          pending.delete(lose);
          resolve({ kind: 'answer', pdu });
        });
        if (sent) return;
        clearTimeout(timer);
        pending.delete(lose);
        resolve({ kind: 'unsent', why: 'the connection cannot be written to' });
      });
    },
    async close() {
      closing = true;
      clearTimeout(again);
      for (const arrive of arrivals) arrive();
      const last = session;
      if (!last) return;
      await new Promise<void>((resolve) => {
        const ended = setTimeout(resolve, 1_000);
        const done = (): void => {
          clearTimeout(ended);
          resolve();
        };
        if (!bound || !last.unbind({}, done)) done();
      });
      down(last, 'closed');
    },
  };
}
