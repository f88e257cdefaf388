import { redact } from '../detail.ts';
import type { DeliveryOutcome, DeliveryRequest } from '../provider.ts';

/** What nodemailer tells of a failure. */
interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly syscall?: string;
  readonly message?: string;
}

/** Enhanced status code (RFC 3463) of an answer, e.g. `5.1.1`. */
const ENHANCED = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/;
const SERVICE_CLOSING = 421;
const SLOWER_MS = 5_000;

/** Before the first command nothing of a message can have been taken. */
function neverSent({ code, syscall, command, message = '' }: SmtpError): boolean {
  if (code === 'EDNS' || code === 'ETLS' || code === 'EAUTH' || code === 'ENOAUTH') return true;
  if (syscall === 'connect' || syscall === 'getaddrinfo') return true;
  if (code === 'ETIMEDOUT' && /^(?:Connection timeout|Greeting never received)/.test(message)) return true;
  return /certificate|self-signed|CERT_/i.test(message) || command === 'EHLO' || command === 'STARTTLS';
}

/** What an error of a submission says of its message. */
export function failureOf(error: unknown, request: DeliveryRequest): DeliveryOutcome {
  const failure = error as SmtpError;
  const { responseCode, response = '', command = '' } = failure;
  if (neverSent(failure)) {
    const code = failure.code === 'EAUTH' || failure.code === 'ENOAUTH' ? 'NOT_AUTHORIZED' : 'UNREACHABLE';
    return { kind: 'retry', code, detail: `no session with the mail server: ${failure.code ?? 'no answer'}` };
  }
  if (failure.code === 'EENVELOPE' && responseCode === undefined) {
    return { kind: 'refused', code: 'BAD_ADDRESS', detail: 'an address cannot be written in an envelope' };
  }
  if (responseCode === undefined) {
    return {
      kind: 'ambiguous',
      code: 'ANSWER_LOST',
      detail: `the connection broke: ${failure.code ?? 'no answer'}`,
    };
  }
  const code = `SMTP_${ENHANCED.exec(response)?.[1] ?? responseCode}`;
  const detail = redact(response, request);
  if (responseCode >= 500) return { kind: 'refused', code, detail };
  if (responseCode === SERVICE_CLOSING) {
    return { kind: 'retry', code, detail, cause: 'rate', retryAfterMs: SLOWER_MS };
  }
  return { kind: 'retry', code, detail, cause: command === 'RCPT TO' ? 'message' : 'provider' };
}
