import { describe, expect, it } from 'vitest';
import { contentOf } from './content.ts';

const elements = (text: string, channel: 'sms' | 'email' = 'sms') => contentOf(text, channel).elements;

describe('opt-out wording', () => {
  it.each([
    'Big sale today! Reply STOP to end',
    'Text STOP to 12345 to opt out',
    'STOP2END',
    'Deals await. To opt out visit https://a.example/o',
    'Soldes! STOP au 36111',
    'Offers for you. Txt STOP',
    'To unsubscribe reply NO',
  ])('%s', (text) => {
    expect(elements(text)).toContain('opt-out-instruction');
  });

  it.each(['Your bus stop moved', 'Do not reply. Your order stops at the depot', 'The sale ends on Sunday'])(
    'none in: %s',
    (text) => {
      expect(elements(text)).not.toContain('opt-out-instruction');
    },
  );
});

describe('e-mail', () => {
  it('finds the header in any case, one-click and plain', () => {
    const headers = {
      'list-unsubscribe': '<https://acme.example/u?t=1>',
      'LIST-UNSUBSCRIBE-POST': 'List-Unsubscribe=One-Click',
    };
    expect(contentOf('hi', 'email', { headers }).elements).toEqual([
      'list-unsubscribe',
      'list-unsubscribe-one-click',
    ]);
    const mail = contentOf('hi', 'email', { headers: { 'List-Unsubscribe': '<mailto:u@acme.example>' } });
    expect(mail.elements).toEqual(['list-unsubscribe']);
    expect(contentOf('hi', 'email', { headers: { 'List-Unsubscribe': 'none' } }).elements).toEqual([]);
  });

  it('finds a link in the text and a postal address', () => {
    const text = 'Acme Inc, 500 Market Street, San Francisco CA 94105. Unsubscribe: https://acme.example/u';
    expect(elements(text, 'email')).toEqual([
      'opt-out-instruction',
      'opt-out-instruction-at-end',
      'phone-email-or-web',
      'postal-address',
      'unsubscribe-link',
    ]);
    expect(elements('Acme Ltd, 10 High Street, London SW1A 1AA', 'email')).toEqual(['postal-address']);
    expect(elements('P.O. Box 12, Springfield, IL 62701', 'email')).toEqual(['postal-address']);
    expect(elements('Meet me at 5 on the street', 'email')).toEqual([]);
  });
});

describe('detectors', () => {
  it.each([
    ['Card 4111 1111 1111 1111 was charged', true],
    ['Card 4111-1111-1111-1112 was charged', false],
    ['Order 1234567890123456 shipped', false],
    ['Card number: 5555555555554444', true],
    ['Amex 3782 822463 10005 declined', true],
    ['Order PP4111111111111111 is ready', false],
    ['Received. TxnId: 4111111111111111', false],
    ['https://a.example/?o=4111111111111111', false],
    ['Ref 4000000000000', false],
  ])('card number in "%s": %s', (text, found) => {
    expect(contentOf(text, 'sms').detectors['pan-luhn']).toBe(found);
  });

  it.each([
    ['Your code is 123456. Get 20% off with code SAVE20', true],
    ['Paid $12.40 at Acme. Shop now for deals', true],
    ['Flat Rs 100 off on your next ride', true],
    ['Your OTP is 445566. Do not share it.', false],
    ['Your order 7782 ships today and arrives tomorrow', false],
    ['Battery at 20%. Enter code 4411 to unlock', false],
  ])('advertising in "%s": %s', (text, found) => {
    expect(contentOf(text, 'sms').detectors['promotional-content']).toBe(found);
  });
});

describe('links and names', () => {
  it('lists hosts once, lower-case, with bare shorteners', () => {
    const { urlHosts } = contentOf(
      'https://Shop.Example.com/a bit.ly/x1 www.a.example https://shop.example.com',
      'sms',
    );
    expect(urlHosts).toEqual(['a.example', 'bit.ly', 'shop.example.com']);
  });

  it('finds the brand in the text', () => {
    expect(contentOf('ACME: hello', 'sms', { brand: 'Acme' }).elements).toEqual([
      'brand-name',
      'sender-name',
    ]);
    expect(contentOf('hello', 'sms', { brand: 'Acme' }).elements).toEqual([]);
  });

  it('reads a megabyte of nonsense in no time', () => {
    const nasty = 'reply stop '.repeat(5) + '1'.repeat(60_000) + 'a '.repeat(500_000);
    expect(contentOf(nasty, 'email', { subject: '(' }).elements).toContain('opt-out-instruction');
  });
});

describe('opt-out wording of other languages', () => {
  it.each([
    'ACME: 20% dcto. Responda BAJA para no recibir mas',
    'ACME: Envía un SMS al 1234 con la palabra BAJA',
    'Responda SAIR p/ cancelar',
    'Soldes! Pour ne plus recevoir nos SMS, répondez STOP',
    'Angebote. Sende STOPP an 12345',
    'Newsletter abbestellen: https://acme.example/ab',
    'Saldi! Rispondi CANCELLA',
    'Afmelden? Stuur STOP naar 3010',
    'Promocja. Rezygnacja: wyślij STOP na 1234',
    "Kampanya! RET yazıp 1234'e gönder",
    'מבצע באקמי. להסרה השב 1',
    'خصم 20% لإلغاء الاشتراك أرسل 1',
    'Diskon 20%. Ketik UNREG ke 1234',
    'Jualan murah. Untuk berhenti langganan balas STOP',
    'ACME ลดราคา ยกเลิกรับ SMS กด *137',
    'ACME giảm 20%. Từ chối: soạn TC gửi 9123',
    '【ACME】全场八折,拒收请回复R',
    'ACME 週年慶八折,退訂請點擊 https://a.example/t',
    'ACMEセール 配信停止はこちら https://acme.example/stop',
    '(광고)ACME 할인\n무료수신거부 080-123-4567',
    'ACME छूट। बंद करने के लिए STOP भेजें',
    'Punguzo! Kujiondoa tuma neno ACHA kwa 1234',
  ])('%s', (text) => {
    expect(elements(text)).toContain('opt-out-instruction');
    expect(elements(text)).toContain('opt-out-instruction-at-end');
  });

  it.each([
    'Para tu cita de mañana lleva tu carnet',
    'Responda no prazo de dois dias',
    'Ihre Bestellung wurde versendet. Antworten Sie nicht auf diese SMS',
    'Napisz do nas, nie czekaj',
    'Kodunuz 123456, kimseyle paylaşmayın',
    'ההזמנה שלך נשלחה',
    'تم ارسال طلبك',
    'Kode Anda 123456',
    'คำสั่งซื้อของคุณถูกจัดส่งแล้ว',
    'Don hang cua ban da duoc gui',
    '您的验证码是123456',
    'ご注文の商品を発送しました',
    '주문하신 상품이 배송되었습니다',
    'आपका कोड 123456 है',
    'Nambari yako ni 123456',
  ])('none in: %s', (text) => {
    expect(elements(text)).not.toContain('opt-out-instruction');
  });

  it('is at the end only when nothing else follows', () => {
    expect(elements('Reply STOP to end. Come and see our new shop in town')).not.toContain(
      'opt-out-instruction-at-end',
    );
    expect(elements('全场八折,回T退订【ACME】')).toContain('opt-out-instruction-at-end');
  });

  it('links to unsubscribe in e-mail', () => {
    expect(elements('<a href="https://a.example/x">Abmelden</a>', 'email')).toContain('unsubscribe-link');
    expect(elements('<a href="https://a.example/x">Anmelden</a>', 'email')).not.toContain('unsubscribe-link');
  });
});

describe('each element has a text that has it and one that has not', () => {
  const names = { brand: 'Acme', legalEntity: 'Acme Ticaret A.Ş.' };
  it.each([
    ['free-opt-out-kr', 'ACME 무료거부 0801234567', 'ACME 수신거부 02-123-4567'],
    ['free-opt-out-kr', 'ACME 무료수신거부 080-123-4567', '무료거부 0801234567 지금 구매하세요'],
    ['contact', 'ACME 02-123-4567', 'ACME 2026-07-15 123456'],
    ['contact', 'Mail help@acme.example', 'See https://acme.example'],
    ['contact', '문의 02-123-4567', '무료수신거부 080-123-4567'],
    ['phone-email-or-web', 'See https://acme.example', 'See https://bit.ly/x1'],
    ['brand-name', 'ACME: hello', 'hello'],
    ['trade-name', 'ACME TİCARET A.Ş. sunar', 'Acme sunar'],
    ['sender-name', 'acme: hello', 'hello'],
    ['identification-link', 'Impressum: https://acme.example/i', 'Shop: https://acme.example/i'],
    ['identification-link', 'https://acme.example/about', 'about us'],
    ['mersis-or-tax-id', 'Mersis No: 0876005220500018', 'Mersis No: 0876005220600018'],
    ['mersis-or-tax-id', 'Vergi No 8760052205', 'Siparis No 8760052205'],
    ['recognisable-as-advertising', 'Reklam: yeni sezon', 'Yeni sezon geldi'],
    ['recognisable-as-advertising', 'Sommerangebote bei Acme', 'Ihr Code lautet 1234'],
    ['advertisement-identifier', '[QC] ACME', 'ACME QC'],
    ['advertisement-identifier', 'פרסומת: מבצע', 'מבצע'],
    ['advertisement-identifier', 'إعلان: خصم', 'خصم'],
    ['advertisement-identifier', 'This message is an advertisement.', 'Add this to your calendar'],
    [
      'objection-notice-base-rate',
      'Sie können jederzeit widersprechen, ohne andere Kosten als die Übermittlungskosten nach den Basistarifen',
      'Sie können jederzeit widersprechen',
    ],
  ])('%s', (element, having, lacking) => {
    expect(contentOf(having, 'sms', names).elements).toContain(element);
    expect(contentOf(lacking, 'sms', names).elements).not.toContain(element);
  });

  it('a topic is a subject or stated, and of a text alone unknown', () => {
    expect(contentOf('hi', 'email', { subject: 'July' }).elements).toContain('subject-or-topic');
    expect(contentOf('hi', 'sms', { topic: 'shoes' }).elements).toContain('subject-or-topic');
    expect(contentOf('hi', 'sms').elementsUnknown).toContain('subject-or-topic');
    expect(contentOf('hi', 'email', { subject: ' ' }).elementsUnknown).not.toContain('subject-or-topic');
  });

  it('names that nobody gave are unknown, not absent', () => {
    expect(contentOf('hi', 'sms').elementsUnknown).toEqual(
      expect.arrayContaining(['brand-name', 'sender-name', 'trade-name']),
    );
    expect(contentOf('hi', 'sms', names).elementsUnknown).not.toContain('trade-name');
  });

  it('the caller states what no text shows, and nothing else', () => {
    const stated = ['identification-link', 'opt-out-instruction'];
    const { elements: found } = contentOf('https://acme.example/x', 'sms', { stated });
    expect(found).toContain('identification-link');
    expect(found).not.toContain('opt-out-instruction');
    const identificationUrl = 'https://acme.example/x';
    expect(contentOf('At https://acme.example/x', 'sms', { identificationUrl }).elements).toContain(
      'identification-link',
    );
    const postalAddress = 'Hauptstraße 1, 10115 Berlin';
    expect(contentOf('Acme\nHauptstraße 1\n10115 Berlin', 'email', { postalAddress }).elements).toContain(
      'postal-address',
    );
  });
});

describe('special categories', () => {
  it.each([
    ['Tips for your pregnancy from Acme', true],
    ['Angebote für Ihre Diabetes-Behandlung', true],
    ['Summer sale on shoes', false],
    ['Support cancer research with Acme', false],
  ])('%s: %s', (text, found) => {
    expect(contentOf(text, 'sms').detectors['special-category']).toBe(found);
  });

  it('the sender knows better', () => {
    expect(
      contentOf('Your pregnancy test', 'sms', { specialCategory: false }).detectors['special-category'],
    ).toBe(false);
  });
});

it('words of all languages take no longer on nonsense', () => {
  const nasty = `${'ارسل '.repeat(4_000)}${'responda con la '.repeat(2_000)}${'https://'.repeat(3_000)}`;
  expect(contentOf(nasty, 'email').elements).not.toContain('opt-out-instruction');
});
