import { describe, expect, it } from 'vitest';
import { consentStateAt } from './consent.ts';
import { KEYWORD_LANGUAGES } from './keywords.ts';
import { inboundWish, liftedBy, startConsequences, stopConsequences } from './opt-out.ts';

describe('inboundWish', () => {
  it.each([
    'STOP',
    ' stop. ',
    'Stop!',
    'Opt-Out',
    'opt out',
    'UNSUBSCRIBE',
    'cancel',
    'Quit',
    'END',
    'revoke',
    'Arrêt',
  ])('keyword %s', (text) => {
    expect(inboundWish(text)).toMatchObject({ kind: 'stop', scope: 'marketing', by: 'keyword' });
  });

  it.each([
    "Please don't text me anymore",
    'stop texting me!!',
    'take me off your list',
    'remove me from this list please',
    'No more messages',
    'I want to opt out',
    'Do not contact this number',
    'please stop',
    'leave me alone',
    'I withdraw my consent',
    'Stop please',
    'stop it now!',
    'STOP THANKS',
    'ok, stop',
    'Unsubscribe, please.',
  ])('free text: %s', (text) => {
    expect(inboundWish(text)).toEqual({ kind: 'stop', scope: 'marketing', by: 'free-text', language: 'en' });
  });

  it.each([['STOP ALL'], ['stopall'], ['do not send me anything'], ['stop sending me all messages']])(
    'everything: %s',
    (text) => {
      expect(inboundWish(text)).toMatchObject({ kind: 'stop', scope: 'all' });
    },
  );

  it.each([
    ['HELP', 'help'],
    ['info', 'help'],
    ['START', 'start'],
    ['unstop', 'start'],
  ])('%s is %s', (text, kind) => {
    expect(inboundWish(text).kind).toBe(kind);
  });

  it.each([
    "Please don't stop the alerts",
    'Which bus stop is it?',
    'Thanks, see you at the end of the week',
    'Can I cancel my appointment on Monday?',
    'yes',
    '',
  ])('no wish: %s', (text) => {
    expect(inboundWish(text)).toEqual({ kind: 'none' });
  });
});

/** By language: a stop, a stop of everything, a start, a cry for help, a stop in own words. */
const WISHES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  en: ['Unsubscribe', 'STOP ALL', 'UNSTOP', 'Help', 'Please stop texting me'],
  es: ['BAJA', 'Baja total', 'ALTA', 'Ayuda', 'No quiero recibir más mensajes'],
  fr: ['Désabonner', 'Tout arrêter', 'Démarrer', 'Aide', 'Je ne veux plus de vos SMS'],
  de: ['Abmelden', 'Alles stoppen', 'Anmelden', 'Hilfe', 'Bitte keine weiteren Nachrichten'],
  it: ['Cancellami', 'Ferma tutto', 'Inizia', 'Aiuto', 'Non voglio più ricevere messaggi'],
  pt: ['Descadastrar', 'Parar tudo', 'Inscrever', 'Ajuda', 'Não quero mais receber isso'],
  nl: ['Uitschrijven', 'Alles stoppen', 'Aanmelden', 'Hulp', 'Geen berichten meer aub'],
  pl: ['Rezygnuję', 'Stop wszystko', 'Zapisz', 'Pomoc', 'Nie chcę więcej takich wiadomości'],
  ga: ['Stad', undefined, 'Tosaigh', 'Cabhair', undefined],
  tr: ['İPTAL', 'Hepsini durdur', 'Başla', 'Yardım', 'Bir daha mesaj atmayın'],
  id: ['UNREG', 'Berhenti semua', 'Daftar', 'Bantuan', 'Jangan kirim lagi'],
  ms: ['Henti', 'Henti semua', 'Mula', undefined, 'Tak nak terima lagi'],
  fil: [
    'Itigil',
    'Itigil lahat',
    'Simulan',
    'Tulong',
    'Huwag na kayong mag text, huwag nyo na akong padalhan',
  ],
  vi: ['Từ chối', 'Hủy tất cả', 'Bắt đầu', 'Trợ giúp', 'Đừng gửi tin nữa'],
  th: ['ยกเลิก', 'ยกเลิกทั้งหมด', 'เริ่ม', 'ช่วยเหลือ', 'อย่าส่งมาอีก'],
  zh: ['退订', '全部退订', '恢复', '帮助', '请不要再给我发短信'],
  ja: ['配信停止', 'すべて停止', '再開', 'ヘルプ', 'もう送らないでください'],
  ko: ['수신거부', '전체거부', '시작', '도움말', '문자 보내지 마세요'],
  hi: ['बंद करो', 'सब बंद करो', 'शुरू', 'मदद', 'मैसेज मत भेजो'],
  ar: ['إيقاف', 'إلغاء الكل', 'اشتراك', 'مساعدة', 'لا ترسل لي رسائل'],
  he: ['הסר', 'הסר הכל', 'הצטרף', 'עזרה', 'תפסיקו לשלוח לי הודעות'],
  sw: ['Sitisha', 'Acha zote', 'Anza', 'Msaada', 'Sitaki ujumbe huu'],
  af: ['Staak', 'Staak alles', 'Begin', undefined, undefined],
  zu: ['Yima', 'Misa konke', 'Qala', 'Usizo', undefined],
};

describe('the languages of the packs', () => {
  it('are all there', () => {
    expect(Object.keys(WISHES).sort()).toEqual([...KEYWORD_LANGUAGES].sort());
  });

  it.each(Object.entries(WISHES))('%s', (_, [stop, all, start, help, own]) => {
    expect(inboundWish(stop!)).toMatchObject({ kind: 'stop', scope: 'marketing', by: 'keyword' });
    if (all) expect(inboundWish(all)).toMatchObject({ kind: 'stop', scope: 'all', by: 'keyword' });
    expect(inboundWish(start!).kind).toBe('start');
    if (help) expect(inboundWish(help).kind).toBe('help');
    if (own) expect(inboundWish(own)).toMatchObject({ kind: 'stop', scope: 'marketing', by: 'free-text' });
  });

  it.each([
    'Gracias, nos vemos a la salida',
    'Wann fahren Sie los?',
    'Merci, à demain',
    'No dejen de enviar los avisos',
    '我明天取',
    'ありがとう、明日行きます',
    'Obrigado, fim de semana fico em casa',
  ])('no wish: %s', (text) => {
    expect(inboundWish(text)).toEqual({ kind: 'none' });
  });

  it('takes a long hostile text in its stride', () => {
    const text = 'stop '.repeat(300_000);
    expect(inboundWish(text).kind).toMatch(/none|stop/);
  });
});

describe('a fresh opt-in', () => {
  const stop = { purpose: 'marketing', channel: 'sms', sinceMs: 10, reason: 'stop-keyword' } as const;
  const inbound = { id: 'in-2', atMs: 50, channel: 'sms' } as const;

  it('ends the own stop of its channel and brand, and nothing harder', () => {
    const start = startConsequences(inbound);
    const carrier = { ...stop, reason: 'carrier-stop' };
    const mail = { ...stop, channel: 'email' } as const;
    const later = { ...stop, sinceMs: 51 };
    expect(liftedBy(start, [stop, carrier, mail, later])).toEqual([stop]);
    expect(liftedBy({ ...start, brand: 'Acme' }, [stop])).toEqual([]);
  });

  it('must be proved', () => {
    const { proof: _, ...unproved } = startConsequences(inbound);
    expect(liftedBy(unproved, [stop])).toEqual([]);
    expect(liftedBy({ ...startConsequences(inbound), level: 'implied' }, [stop])).toEqual([]);
    expect(liftedBy({ ...startConsequences(inbound), kind: 'confirmed' }, [stop])).toEqual([]);
  });
});

describe('stopConsequences', () => {
  const inbound = { id: 'in-1', atMs: 50, channel: 'sms' } as const;
  const granted = { id: 'g', kind: 'granted', atMs: 1, channel: 'sms', level: 'express' } as const;
  const wish = { kind: 'stop', scope: 'marketing', by: 'keyword' } as const;

  it('ends marketing at once and leaves information alone', () => {
    const { event, suppression } = stopConsequences(wish, inbound);
    const states = consentStateAt(
      [{ ...granted, purpose: 'marketing' }, { ...granted, id: 'i', purpose: 'informational' }, event],
      50,
    );
    expect(states.map(({ purpose, status }) => [purpose, status])).toEqual([
      ['informational', 'granted'],
      ['marketing', 'revoked'],
    ]);
    expect(suppression).toEqual({
      purpose: 'marketing',
      channel: 'sms',
      sinceMs: 50,
      reason: 'stop-keyword',
    });
  });

  it('ends every purpose when everything was stopped, and is the same event when delivered twice', () => {
    const first = stopConsequences({ ...wish, scope: 'all' }, inbound);
    expect(first).toEqual(stopConsequences({ ...wish, scope: 'all' }, inbound));
    const states = consentStateAt([{ ...granted, purpose: 'informational' }, first.event], 50);
    expect(states.every(({ status }) => status === 'revoked')).toBe(true);
    expect(first.suppression.purpose).toBe('all');
  });
});
