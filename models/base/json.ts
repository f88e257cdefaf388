/** A value of JSON. Members that are `undefined` count as absent. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/**
 * Canonical JSON after RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, no spaces,
 * numbers as ECMAScript prints them. Equal values give equal bytes, so the text can be hashed, compared, replayed.
 * Members that are `undefined` are left out and `toJSON` is asked, as `JSON.stringify` does.
 * @throws {TypeError} for what JSON cannot hold: NaN, infinities, functions, symbols, bigint, `undefined` in a list
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonicalJson: ${value} is not a JSON number`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`canonicalJson: cannot write a ${typeof value}`);
  const record = value as Record<string, unknown>;
  if (typeof record.toJSON === 'function') return canonicalJson(record.toJSON());
  const members: string[] = [];
  for (const key of Object.keys(record).sort()) {
    const member = record[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
  }
  return `{${members.join(',')}}`;
}
