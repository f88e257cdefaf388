import { canonicalise } from '../../models/text/canonical.ts';
import { fingerprint } from '../../models/text/fingerprint.ts';
import type { Verdict } from '../../models/verdict.ts';

interface Wording {
  readonly marketing: string;
  readonly all: string;
}

/** One confirmation of an opt-out, without a word of advertising (47 CFR 64.1200(a)(12)). */
const WORDINGS: Readonly<Record<string, Wording>> = {
  en: {
    marketing: 'You are unsubscribed and will get no more marketing messages from us. START undoes this.',
    all: 'You are unsubscribed and will get no more messages from us. START undoes this.',
  },
  es: {
    marketing: 'Su baja está registrada: no le enviaremos más mensajes comerciales. ALTA para volver.',
    all: 'Su baja está registrada: no le enviaremos más mensajes. ALTA para volver.',
  },
  fr: {
    marketing:
      'Désinscription enregistrée : vous ne recevrez plus nos messages commerciaux. DEBUT pour revenir.',
    all: 'Désinscription enregistrée : vous ne recevrez plus nos messages. DEBUT pour revenir.',
  },
  de: {
    marketing: 'Sie sind abgemeldet und erhalten keine Werbung mehr von uns. ANMELDEN macht das rückgängig.',
    all: 'Sie sind abgemeldet und erhalten keine Nachrichten mehr von uns. ANMELDEN macht das rückgängig.',
  },
  it: {
    marketing:
      'Cancellazione registrata: non riceverà più nostri messaggi commerciali. INIZIA per riattivare.',
    all: 'Cancellazione registrata: non riceverà più nostri messaggi. INIZIA per riattivare.',
  },
  pt: {
    marketing: 'Cancelamento registrado: não enviaremos mais mensagens comerciais. INICIAR para voltar.',
    all: 'Cancelamento registrado: não enviaremos mais mensagens. INICIAR para voltar.',
  },
  nl: {
    marketing: 'U bent afgemeld en krijgt geen reclame meer van ons. AANMELDEN maakt dit ongedaan.',
    all: 'U bent afgemeld en krijgt geen berichten meer van ons. AANMELDEN maakt dit ongedaan.',
  },
  pl: {
    marketing: 'Rezygnacja przyjęta: nie wyślemy więcej wiadomości marketingowych. ZAPISZ przywraca.',
    all: 'Rezygnacja przyjęta: nie wyślemy więcej wiadomości. ZAPISZ przywraca.',
  },
  tr: {
    marketing: 'Talebiniz alındı: size artık ticari ileti göndermeyeceğiz. Geri almak için BASLA yazın.',
    all: 'Talebiniz alındı: size artık ileti göndermeyeceğiz. Geri almak için BASLA yazın.',
  },
  id: {
    marketing: 'Anda telah berhenti dan tidak akan menerima pesan pemasaran lagi. DAFTAR untuk kembali.',
    all: 'Anda telah berhenti dan tidak akan menerima pesan lagi. DAFTAR untuk kembali.',
  },
  ms: {
    marketing: 'Anda telah dihentikan dan tidak akan menerima mesej pemasaran lagi. MULA untuk kembali.',
    all: 'Anda telah dihentikan dan tidak akan menerima mesej lagi. MULA untuk kembali.',
  },
  vi: {
    marketing: 'Ban da tu choi va se khong nhan tin tiep thi nua. Soan BAT DAU de nhan lai.',
    all: 'Ban da tu choi va se khong nhan tin nua. Soan BAT DAU de nhan lai.',
  },
  th: {
    marketing: 'ยกเลิกแล้ว คุณจะไม่ได้รับข้อความการตลาดจากเราอีก ตอบ เริ่ม เพื่อกลับมารับ',
    all: 'ยกเลิกแล้ว คุณจะไม่ได้รับข้อความจากเราอีก ตอบ เริ่ม เพื่อกลับมารับ',
  },
  zh: {
    marketing: '退订成功，您将不再收到我们的营销信息。回复 恢复 可重新接收。',
    all: '退订成功，您将不再收到我们的信息。回复 恢复 可重新接收。',
  },
  ja: {
    marketing: '配信を停止しました。今後、販促メッセージは届きません。再開 と返信すると元に戻ります。',
    all: '配信を停止しました。今後、メッセージは届きません。再開 と返信すると元に戻ります。',
  },
  ko: {
    marketing: '수신거부가 처리되어 마케팅 문자를 더 이상 받지 않습니다. 시작 이라고 답하면 되돌립니다.',
    all: '수신거부가 처리되어 문자를 더 이상 받지 않습니다. 시작 이라고 답하면 되돌립니다.',
  },
  hi: {
    marketing: 'आपका अनुरोध दर्ज है: अब आपको प्रचार संदेश नहीं आएंगे। वापस पाने के लिए START लिखें।',
    all: 'आपका अनुरोध दर्ज है: अब आपको संदेश नहीं आएंगे। वापस पाने के लिए START लिखें।',
  },
  ar: {
    marketing: 'تم إلغاء اشتراكك ولن تصلك رسائل تسويقية منا. أرسل ابدأ للتراجع.',
    all: 'تم إلغاء اشتراكك ولن تصلك رسائل منا. أرسل ابدأ للتراجع.',
  },
  he: {
    marketing: 'הוסרת ולא תקבל מאיתנו עוד הודעות שיווקיות. התחל לביטול.',
    all: 'הוסרת ולא תקבל מאיתנו עוד הודעות. התחל לביטול.',
  },
  sw: {
    marketing: 'Umejiondoa na hutapata tena ujumbe wa matangazo kutoka kwetu. ANZA kurudi.',
    all: 'Umejiondoa na hutapata tena ujumbe kutoka kwetu. ANZA kurudi.',
  },
};

/** @param brand goes before the text, unless the sender's name says it already */
export function confirmationText(
  language: string | undefined,
  scope: 'marketing' | 'all',
  brand: string | undefined,
): string {
  const wording = WORDINGS[language ?? 'en'] ?? WORDINGS['en']!;
  return `${brand === undefined ? '' : `${brand}: `}${wording[scope]}`;
}

export const HOUSE_MODEL = 'house-text-1';

/** The verdict on a text of Laneway's own: what it is need not be guessed. */
export const houseVerdict = (text: string): Verdict => ({
  class: 'transactional',
  band: 'sure',
  probability: 0,
  risk: 0,
  reasons: [{ feature: 'house-text', text: "a text of Laneway's own", contribution: 0 }],
  modelVersion: HOUSE_MODEL,
  fingerprint: fingerprint(canonicalise(text)),
  stage: 'lexical',
});
