import { symbol } from '../placeholders.ts';
import { CLUE } from './clues.ts';
import { type ShapeRule, START, to, trimEnd } from './rule.ts';

const SHORTENERS = new Set(
  (
    'bit.ly goo.gl tinyurl.com t.co ow.ly is.gd rb.gy cutt.ly shorturl.at tiny.cc buff.ly rebrand.ly bl.ink ' +
    's.id t.ly soo.gd weurl.co smsd.in fcr.bz ct1.io trrk.in gs.im lnk.to lnkd.in surl.li clk.im v.gd qr.ae ' +
    'adf.ly shor.by urlz.fr 1kx.in nxt.to hubs.ly amzn.to amzn.eu ebay.to a.co spoti.fi fkrt.it dl.flipkart.com'
  ).split(' '),
);
const CHAT = /^(?:wa\.me|api\.whatsapp\.com|m\.me|t\.me|chat\.whatsapp\.com|line\.me|lin\.ee)$/;
const APPS =
  /^(?:play\.google\.com|apps?\.apple\.com|itunes\.apple\.com|appgallery\.huawei\.com|.*\.(?:app\.link|onelink\.me|page\.link|smart\.link|adj\.st|test-app\.link))$/;

/** Endings that are hardly ever an English word after a full stop. */
const CLEAR_ENDINGS =
  'com|net|org|info|biz|edu|gov|mil|app|tv|ly|gl|gy|gd|co|io|eu|uk|au|nz|za|sg|hk|ph|ng|ke|gh|ug|tz|ca|fr|de|nl|pk|lk|bd|np|ae|sa|th|vn|id|my|jp|kr|cn|ru|br|mx|dev|xyz|online|shop|store|bank|club|site|top|mobi|cc|link|page|im|fm|gg|ai|ws|la';
const WORD_ENDINGS =
  'in|me|to|is|it|at|be|am|no|us|so|do|as|by|my|go|pe|re|live|life|new|now|fun|win|pro|one|tech|click';

const wordIn = (words: string): RegExp => new RegExp(`(?:^|[^a-z])(?:${words})`, 'i');
const UNSUBSCRIBE = wordIn('unsub|opt-?out|preference|manage-?sub');
const CAMPAIGN = wordIn('utm_|campaign|promo|offer|sale|deal|coupon|voucher|discount|win|gift');
const TRACK = wordIn('track|trk|shipment|delivery|parcel|orders?(?:[^a-z]|$)|status');
const PAY = wordIn('pay|bill|invoice|statement|receipt|recharge');

/** Which kind of link an address is. `address` has no scheme. */
function kindOf(address: string, explicit: boolean): string {
  const slash = address.search(/[/?#]/);
  const host = (slash < 0 ? address : address.slice(0, slash)).toLowerCase().replace(/^www\.|:\d+$/g, '');
  const path = slash < 0 ? '' : address.slice(slash + 1).replace(/[/?#]$/, '');
  if (CHAT.test(host)) return 'chatlink';
  if (APPS.test(host)) return 'applink';
  if (UNSUBSCRIBE.test(address)) return 'urlunsub';
  if (path === '') return explicit ? 'urlhome' : 'domain';
  if (SHORTENERS.has(host)) return 'shortlink';
  if (CAMPAIGN.test(path)) return 'urlcampaign';
  if (TRACK.test(address)) return 'urltrack';
  if (PAY.test(path)) return 'urlpay';
  const segments = path.split(/[/?&#]/).filter(Boolean);
  const name = host.split('.').at(-2) ?? host;
  const opaque = path.length <= 6 || /\d/.test(path) || /[a-z][A-Z]|[A-Z]{2}/.test(path);
  // Branded shorteners: a short host and one or two short segments that say nothing.
  if (opaque && name.length <= 6 && host.length <= 14 && path.length <= 18 && segments.length <= 2) {
    return 'shortlink';
  }
  return segments.length > 1 ? 'urldeep' : 'urlpath';
}

function shapeLink(match: string): string {
  const [kept, rest] = trimEnd(match, '.,;:!?)]}\'"*_-&');
  const address = kept.replace(/^https?:?\/{0,2}/i, '');
  if (address === '') return match;
  const explicit = address.length !== kept.length || /^www\./i.test(address);
  return symbol(kindOf(address, explicit)) + rest;
}

export const LINK_RULES: readonly ShapeRule[] = [
  {
    name: 'masked e-mail',
    all: CLUE.at | CLUE.star,
    needs: /\*@|\*[\w.-]*@/,
    pattern: /(?<![\w.+*-])[\w.+*-]{0,64}\*[\w.+*-]{0,64}@[\w*][\w.*-]{0,200}[\w*]/g,
    shape: to('maskedemail'),
  },
  {
    name: 'e-mail',
    all: CLUE.at,
    needs: /@/,
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}\.[\w.-]{1,200}\w/g,
    shape: to('email'),
  },
  {
    name: 'payment handle',
    all: CLUE.at,
    needs: /@/,
    pattern:
      /(?<![\w.+-])(?:[\w.-]{3,64}@(?:ok[a-z]{3,9}|upi|ybl|paytm|axl|ibl|apl|icici|sbi|hdfcbank|axisbank)|[\w.-]{0,30}\d[\w.-]{1,30}@[a-z]{2,14})(?![A-Za-z0-9.@-])/gi,
    shape: to('payhandle'),
  },
  {
    name: 'link',
    all: CLUE.address,
    needs: /https?:?\/\/|www\./i,
    pattern: /(?<![A-Za-z0-9])(?:https?:?\/\/|www\.)[^\s<>"|\\^`\uE000-\uF8FF]+/gi,
    shape: shapeLink,
  },
  {
    name: 'bare domain',
    all: CLUE.dotLetter,
    needs: /[A-Za-z0-9]\.[A-Za-z]/,
    pattern: new RegExp(
      `(?<![A-Za-z0-9@._-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,40}\\.){1,4}(?:(?:${CLEAR_ENDINGS})(?![A-Za-z0-9-])(?:[:/?#][^\\s<>"|\\\\^\`\\uE000-\\uF8FF]*)?|(?:${WORD_ENDINGS})/[^\\s<>"|\\\\^\`\\uE000-\\uF8FF]+)`,
      'gi',
    ),
    shape: shapeLink,
  },
  {
    name: 'web one-time code line',
    all: CLUE.at | CLUE.hash,
    needs: /@[^\s@]{1,80} #/,
    pattern: /(?<=^|\n)@[^\s@]{1,80} #[A-Za-z0-9]{4,12}(?=\n|$)/g,
    shape: to('webotp'),
  },
  {
    name: 'web one-time code line after shaping',
    all: CLUE.at | CLUE.hash,
    needs: /@[\uE000-\uF8FF] #/,
    pattern: /@[\uE000-\uF8FF] #[A-Za-z0-9]{4,12}(?=\n|$)/g,
    shape: to('webotp'),
  },
  {
    name: 'code-retriever mark',
    all: CLUE.hash,
    needs: /#/,
    pattern: /(?:<#>|\[#\]|^# ?(?=\S))/g,
    shape: to('retriever'),
  },
  {
    name: 'app signature',
    all: CLUE.signature,
    needs: /[A-Za-z0-9+/]{11}$/,
    pattern: new RegExp(
      `${START}(?=[A-Za-z+/]{0,10}[0-9+/])(?=[^A-Z]{0,10}[A-Z])(?=[^a-z]{0,10}[a-z])[A-Za-z0-9+/]{11}$`,
      'g',
    ),
    shape: to('apphash'),
  },
];
