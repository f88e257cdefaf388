/**
 * The protobuf wire format (https://protobuf.dev/programming-guides/encoding), as much of it as writing an
 * ONNX file takes: varints, fixed 32-bit floats, length-delimited fields. Sixty lines here instead of a
 * protobuf library and a compiled schema of 900 messages; the large tensors are never copied before the end.
 */
export interface Message {
  readonly chunks: readonly Uint8Array[];
  readonly length: number;
}

const text = new TextEncoder();

function varint(value: number): Uint8Array {
  // Negative int64 takes ten bytes, sign-extended.
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function of(...chunks: Uint8Array[]): Message {
  return { chunks, length: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

const tag = (field: number, wireType: number): Uint8Array => varint((field << 3) | wireType);

/** int32, int64, enum. */
export const integer = (field: number, value: number): Message => of(tag(field, 0), varint(value));

export function float(field: number, value: number): Message {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return of(tag(field, 5), bytes);
}

export const bytes = (field: number, value: Uint8Array): Message =>
  of(tag(field, 2), varint(value.length), value);

export const string = (field: number, value: string): Message => bytes(field, text.encode(value));

/** Repeated int64 as proto2 writes them: one tag a value. */
export const integers = (field: number, values: readonly number[]): Message =>
  concat(...values.map((value) => integer(field, value)));

/** The fields of one message, one after the other. */
export function concat(...fields: readonly Message[]): Message {
  return {
    chunks: fields.flatMap((field) => field.chunks),
    length: fields.reduce((sum, field) => sum + field.length, 0),
  };
}

/** A message as a field of another. */
export function nested(field: number, ...fields: readonly Message[]): Message {
  const body = concat(...fields);
  const head = of(tag(field, 2), varint(body.length));
  return { chunks: [...head.chunks, ...body.chunks], length: head.length + body.length };
}

export function toBytes(message: Message): Uint8Array {
  const out = new Uint8Array(message.length);
  let at = 0;
  for (const chunk of message.chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
