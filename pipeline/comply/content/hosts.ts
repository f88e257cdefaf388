/** Is the host on the list, or a subdomain of one that is? */
export function hostListed(host: string, list: readonly string[]): boolean {
  const listed = setOf(list);
  for (let rest = host; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1 || rest.length + 1)) {
    if (listed.has(rest)) return true;
  }
  return false;
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();
function setOf(list: readonly string[]): ReadonlySet<string> {
  let set = sets.get(list);
  if (set === undefined) {
    set = new Set(list);
    sets.set(list, set);
  }
  return set;
}

/** Shorteners that anyone may use, so that a link through them says nothing about where it leads. */
export const PUBLIC_SHORTENERS: readonly string[] = Object.freeze([
  'bit.ly',
  'bitly.com',
  'buff.ly',
  'cutt.ly',
  'clck.ru',
  'goo.gl',
  'is.gd',
  'j.mp',
  'lnkd.in',
  'ow.ly',
  'qr.ae',
  'rb.gy',
  'rebrand.ly',
  's.id',
  'shorturl.at',
  'short.io',
  'soo.gd',
  't.co',
  't.ly',
  't2m.io',
  'tiny.cc',
  'tiny.one',
  'tinyurl.com',
  'u.to',
  'urlz.fr',
  'v.gd',
  'vk.cc',
  'x.co',
]);
