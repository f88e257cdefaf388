import type { z } from 'zod';
import type { GenericHttp, HttpSpec, TwilioHttp } from './spec.ts';

export function genericSpec(given: z.infer<typeof GenericHttp>): HttpSpec {
  return {
    kind: 'http',
    preset: 'custom',
    channels: given.channels,
    request: {
      method: 'POST',
      url: given.url,
      headers: { 'Idempotency-Key': '{{key}}' },
      auth: { kind: 'bearer', token: given.token },
      json: {
        key: '{{key}}',
        channel: '{{channel}}',
        class: '{{class}}',
        from: '{{from}}',
        to: '{{to}}',
        subject: '{{subject}}',
        body: '{{body}}',
      },
    },
    honoursKeys: true,
    answer: {
      ref: '/id',
      errorCode: '/error/code',
      errorDetail: '/error/message',
      retryCodes: ['busy', 'unavailable', 'try_later'],
      notTaken: [],
    },
    ...(given.batchUrl === undefined
      ? {}
      : { batch: { url: given.batchUrl, max: given.batchMax, field: 'messages', results: '/results' } }),
    ...(given.receiptSecret === undefined
      ? {}
      : {
          receipts: {
            signature: { kind: 'standard-webhooks', secret: given.receiptSecret },
            list: '/receipts',
            ref: '/id',
            status: '/status',
            detail: '/reason',
            at: '/at',
            delivered: ['delivered'],
            undelivered: ['undelivered', 'failed', 'rejected', 'expired'],
          },
        }),
    timeoutMs: given.timeoutMs,
    connections: given.connections,
  };
}

/** Errors that pass: queue full, internal, rate. Everything else that comes with a 400 is for good. */
const TWILIO_LATER = ['20429', '20500', '20503', '30001', '30022'];

export function twilioSpec(given: z.infer<typeof TwilioHttp>): HttpSpec {
  const whatsapp = given.channels[0] === 'whatsapp' ? 'whatsapp:' : '';
  return {
    kind: 'http',
    preset: 'custom',
    channels: given.channels,
    request: {
      method: 'POST',
      url: `${given.baseUrl}/2010-04-01/Accounts/${given.account}/Messages.json`,
      headers: {},
      auth: { kind: 'basic', user: given.account, password: given.token },
      form: {
        To: `${whatsapp}{{to}}`,
        From: `${whatsapp}{{from}}`,
        Body: '{{body}}',
        ...(given.statusCallback === undefined ? {} : { StatusCallback: given.statusCallback }),
      },
    },
    honoursKeys: false,
    answer: {
      ref: '/sid',
      errorCode: '/code',
      errorDetail: '/message',
      retryCodes: TWILIO_LATER,
      notTaken: [],
    },
    receipts: {
      signature: { kind: 'twilio', secret: given.token },
      ...(given.statusCallback === undefined ? {} : { url: given.statusCallback }),
      ref: '/MessageSid',
      status: '/MessageStatus',
      detail: '/ErrorCode',
      delivered: ['delivered', 'read'],
      undelivered: ['undelivered', 'failed'],
    },
    timeoutMs: given.timeoutMs,
    connections: given.connections,
  };
}
