/** A value of JSON. Members that are `undefined` count as absent. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

const constants = new WeakMap<object, string>();

/** Freezes an object that is written again and again, and keeps its canonical JSON; what it holds must not change. */
export function constantJson<T extends object>(value: T): Readonly<T> {
  constants.set(value, canonicalJson(value));
  return Object.freeze(value);
}

/** Sorted names of members; most objects are written in order already. */
function namesOf(record: object): string[] {
  const names = Object.keys(record);
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return names.sort();
  return names;
}

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
  if (Array.isArray(value)) {
    let list = '[';
    for (let i = 0; i < value.length; i++)
      list += i === 0 ? canonicalJson(value[i]) : `,${canonicalJson(value[i])}`;
    return `${list}]`;
  }
  if (typeof value !== 'object') throw new TypeError(`canonicalJson: cannot write a ${typeof value}`);
  const known = constants.get(value);
  if (known !== undefined) return known;
  const record = value as Record<string, unknown>;
  if (typeof record['toJSON'] === 'function') return canonicalJson(record['toJSON']());
  let members = '';
  for (const name of namesOf(record)) {
    const member = record[name];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}
