import { z } from 'zod';
import type { JsonValue } from '../../../models/base/json.ts';
import { CHANNELS } from '../../comply/types.ts';
import { SecretRef } from '../secret.ts';
import { PLACES, unknownPlaces } from './template.ts';

const template = z.string().refine((text) => unknownPlaces(text).length === 0, {
  error: ({ input }) => `asks for {{${unknownPlaces(String(input))[0]}}}; known are ${PLACES.join(', ')}`,
});
const pointer = z.string().regex(/^(?:\/[^/]*)*$/, 'must be a JSON pointer such as /message/id');
const jsonTemplate: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([
    template,
    z.number(),
    z.boolean(),
    z.null(),
    z.array(jsonTemplate),
    z.record(z.string(), jsonTemplate),
  ]),
);
const status = z.int().min(200).max(599);

/** HTTPS, or plain HTTP to this machine. */
const address = template.refine(
  (text) =>
    /^https:\/\/[^/{]+/.test(text) ||
    /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?:\/|$)/.test(text),
  'must begin with https:// (http:// only for this machine)',
);

const Auth = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('bearer'), token: SecretRef }),
  z.strictObject({ kind: z.literal('basic'), user: z.string().min(1), password: SecretRef }),
  z.strictObject({ kind: z.literal('header'), name: z.string().min(1), value: SecretRef }),
]);

const Signature = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hmac'),
    algorithm: z.enum(['sha1', 'sha256', 'sha512']).default('sha256'),
    header: z.string().min(1),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    prefix: z.string().default(''),
    secret: SecretRef,
    timestampHeader: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('standard-webhooks'), secret: SecretRef }),
  z.strictObject({ kind: z.literal('twilio'), secret: SecretRef }),
]);

export const ReceiptSpec = z.strictObject({
  signature: Signature,
  /** The door's address as the provider calls it, where a proxy stands before Laneway. */
  url: z.url().optional(),
  list: pointer.optional(),
  ref: pointer,
  status: pointer,
  detail: pointer.optional(),
  at: pointer.optional(),
  delivered: z.array(z.string()).min(1),
  undelivered: z.array(z.string()).min(1),
});

/** One HTTP provider, every part spelt out; presets are made of it. */
export const CustomHttp = z.strictObject({
  kind: z.literal('http'),
  preset: z.literal('custom'),
  channels: z.array(z.enum(CHANNELS)).min(1),
  request: z.strictObject({
    method: z.enum(['POST', 'PUT', 'GET']).default('POST'),
    url: address,
    headers: z.record(z.string(), template).default({}),
    auth: Auth.optional(),
    json: jsonTemplate.optional(),
    form: z.record(z.string(), template).optional(),
  }),
  honoursKeys: z.boolean().default(false),
  answer: z.strictObject({
    ref: pointer,
    errorCode: pointer.optional(),
    errorDetail: pointer.optional(),
    /** Codes of the provider's own that mean "later". */
    retryCodes: z.array(z.string()).default([]),
    /** Of the statuses that leave it open whether a message was taken (500, 502, 504, 408), those that surely mean no. */
    notTaken: z.array(status).default([]),
  }),
  batch: z
    .strictObject({
      url: address,
      max: z.int().min(2).max(1_000),
      /** The array's name in the request. */
      field: z.string().min(1),
      results: pointer,
    })
    .optional(),
  receipts: ReceiptSpec.optional(),
  timeoutMs: z.int().min(100).max(120_000).default(10_000),
  connections: z.int().min(1).max(1_000).default(32),
});

/** `POST {url}` with JSON, a bearer key and `Idempotency-Key`; receipts as Standard Webhooks. See docs/providers.md. */
export const GenericHttp = z.strictObject({
  kind: z.literal('http'),
  preset: z.literal('generic'),
  channels: z.array(z.enum(CHANNELS)).min(1),
  url: address,
  batchUrl: address.optional(),
  batchMax: z.int().min(2).max(1_000).default(100),
  token: SecretRef,
  receiptSecret: SecretRef.optional(),
  timeoutMs: CustomHttp.shape.timeoutMs,
  connections: CustomHttp.shape.connections,
});

/** The Programmable Messaging API of Twilio and of those who speak its dialect. */
export const TwilioHttp = z.strictObject({
  kind: z.literal('http'),
  preset: z.literal('twilio'),
  channels: z
    .array(z.enum(['sms', 'whatsapp']))
    .length(1)
    .default(['sms']),
  account: z.string().regex(/^\w{2,64}$/),
  token: SecretRef,
  /** Another host that speaks the same. */
  baseUrl: address.default('https://api.twilio.com'),
  /** Where receipts are called in: the public address of `/v1/receipts/{name}`. */
  statusCallback: z.url().optional(),
  timeoutMs: CustomHttp.shape.timeoutMs,
  connections: CustomHttp.shape.connections,
});

export type HttpSpec = z.infer<typeof CustomHttp>;
export type SignatureSpec = z.infer<typeof Signature>;
