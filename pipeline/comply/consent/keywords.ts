import { folded } from '../content/wording.ts';

/** Words that, alone in a message, are a wish. Written as {@link plainWords} leaves them. */
interface Keywords {
  /** ISO 639-1. */
  readonly language: string;
  readonly stop: string;
  /** Stops every kind of message. */
  readonly stopAll?: string;
  readonly start?: string;
  readonly help?: string;
}

/**
 * By language of the packs. English ones are those of 47 CFR 64.1200(a)(10) and CTIA; others what carriers and senders
 * of the country print in their messages, and the plain word for it.
 */
const KEYWORDS: readonly Keywords[] = [
  {
    language: 'en',
    stop: 'stop, quit, end, revoke, opt out, cancel, unsubscribe, unsub, remove, stop promotions, stop marketing, stop ads',
    stopAll: 'stop all, unsubscribe all, end all, cancel all, opt out all, quit all, stop everything',
    start: 'start, unstop, subscribe, opt in, yes start, resume, resubscribe',
    help: 'help, info, helpme',
  },
  {
    language: 'es',
    stop: 'alto, parar, para, baja, darme de baja, dar de baja, salir, cancelar, detener, no mas, desuscribir, eliminar, fin',
    stopAll: 'baja total, alto todo, cancelar todo, parar todo',
    start: 'alta, iniciar, empezar, comenzar, suscribir, suscribirme, inicio',
    help: 'ayuda, informacion',
  },
  {
    language: 'fr',
    stop: 'arret, arreter, stopsms, stop pub, desabonner, desinscription, desinscrire, me desabonner, annuler, fin',
    stopAll: 'arret total, tout arreter, stop tout',
    start: 'debut, demarrer, abonner, inscription, inscrire, commencer, reprendre',
    help: 'aide, infos',
  },
  {
    language: 'de',
    stop: 'stopp, abmelden, abbestellen, abmeldung, austragen, kundigen, widerruf, widerspruch, beenden, aufhoren, abbruch',
    stopAll: 'alles stoppen, stopp alles, alles abbestellen',
    start: 'anmelden, starten, anmeldung, weiter',
    help: 'hilfe',
  },
  {
    language: 'it',
    stop: 'ferma, fermare, basta, cancella, cancellami, disiscrivi, disiscrivimi, annulla, rimuovi, fine',
    stopAll: 'ferma tutto, stop tutto, basta tutto',
    start: 'inizia, avvia, iscrivi, iscrivimi, riprendi',
    help: 'aiuto',
  },
  {
    language: 'pt',
    stop: 'sair, parar, pare, cancelar, cancela, remover, descadastrar, descadastro, nao quero mais, fim',
    stopAll: 'parar tudo, sair de tudo, cancelar tudo, pare tudo',
    start: 'iniciar, comecar, inscrever, voltar, entrar, assinar',
    help: 'ajuda, socorro',
  },
  {
    language: 'nl',
    stop: 'afmelden, uitschrijven, stoppen, afmelding, uit, opzeggen',
    stopAll: 'alles stoppen, stop alles',
    start: 'aanmelden, starten, inschrijven, hervatten',
    help: 'hulp',
  },
  {
    language: 'pl',
    stop: 'rezygnuje, rezygnacja, wypisz, anuluj, koniec, usun, nie, zakoncz',
    stopAll: 'stop wszystko, rezygnuje ze wszystkiego',
    start: 'zapisz, wznow, rozpocznij, aktywuj',
    help: 'pomoc',
  },
  {
    language: 'ga',
    stop: 'stad, scoir, dioliostail',
    start: 'tosaigh, liostail',
    help: 'cabhair',
  },
  {
    language: 'tr',
    stop: 'ret, red, iptal, dur, cikis, cik, istemiyorum, durdur',
    stopAll: 'hepsini durdur, tumunu iptal',
    start: 'basla, baslat, onay, abone',
    help: 'yardim, bilgi',
  },
  {
    language: 'id',
    stop: 'berhenti, unreg, batal, keluar, hentikan',
    stopAll: 'berhenti semua, unreg all',
    start: 'mulai, reg, daftar, lanjut',
    help: 'bantuan',
  },
  {
    language: 'ms',
    stop: 'henti, hentikan, batal, keluar, tamat',
    stopAll: 'stop semua, henti semua',
    start: 'mula, daftar, sambung',
    help: 'bantuan',
  },
  {
    language: 'fil',
    stop: 'itigil, hinto, huminto, tama na, ayoko na, tigil, off',
    stopAll: 'itigil lahat, stop lahat, off all',
    start: 'simulan, magsimula, ituloy',
    help: 'tulong',
  },
  {
    language: 'vi',
    stop: 'tc, huy, tu choi, dung, ngung, huy dang ky, ket thuc',
    stopAll: 'huy tat ca, tu choi tat ca, huy all',
    start: 'bat dau, dang ky, dk, tiep tuc',
    help: 'tro giup, ho tro, hd, huong dan',
  },
  {
    language: 'th',
    stop: 'หยุด, ยกเลิก, เลิก, ไม่รับ, เลิกรับ, ยกเลิกรับ, หยุดส่ง',
    stopAll: 'ยกเลิกทั้งหมด, หยุดทั้งหมด',
    start: 'เริ่ม, สมัคร, รับ, เริ่มใหม่',
    help: 'ช่วยเหลือ, ช่วยด้วย',
  },
  {
    language: 'zh',
    stop: 't, td, tdd, 退订, 退訂, 退, 取消, 停止, 拒收, 取消订阅, 取消訂閱, 停',
    stopAll: '全部退订, 全部退訂, 全部取消, 停止所有',
    start: '订阅, 訂閱, 开始, 開始, 恢复, 恢復',
    help: '帮助, 幫助, 協助',
  },
  {
    language: 'ja',
    stop: '停止, 配信停止, 解除, 退会, やめる, ストップ, 拒否, 中止, 配信解除, 登録解除',
    stopAll: 'すべて停止, 全て停止, 全停止',
    start: '開始, 再開, 登録, スタート',
    help: 'ヘルプ, 助けて',
  },
  {
    language: 'ko',
    stop: '수신거부, 거부, 중지, 정지, 해지, 그만, 취소, 탈퇴, 스톱',
    stopAll: '전체거부, 모두중지, 전체수신거부',
    start: '시작, 수신동의, 재개, 구독',
    help: '도움말, 도움',
  },
  {
    language: 'hi',
    stop: 'बंद, रोको, रोकें, बंद करो, बंद करें, रुको, स्टॉप, band, band karo, roko, mat bhejo',
    stopAll: 'सब बंद, सब बंद करो, sab band karo',
    start: 'शुरू, चालू, शुरू करें, shuru, chalu',
    help: 'मदद, सहायता, madad',
  },
  {
    language: 'ar',
    stop: 'قف, توقف, ايقاف, الغاء, الغ, اوقف, الغاء الاشتراك, حذف, ايقاف الرسائل',
    stopAll: 'ايقاف الكل, الغاء الكل, اوقف الكل',
    start: 'ابدا, اشتراك, اشترك, تفعيل',
    help: 'مساعدة, مساعده',
  },
  {
    language: 'he',
    stop: 'הסר, הסרה, הסירו, הסר אותי, עצור, להסיר, בטל, ביטול, די, הפסק',
    stopAll: 'הסר הכל, עצור הכל',
    start: 'התחל, הצטרף, חדש, הרשמה',
    help: 'עזרה',
  },
  {
    language: 'sw',
    stop: 'acha, ondoa, sitisha, simama, toka, sitaki, komesha',
    stopAll: 'acha zote, sitisha zote, ondoa zote',
    start: 'anza, jiunge, endelea',
    help: 'msaada',
  },
  {
    language: 'af',
    stop: 'staak, hou op, kanselleer, teken uit, verwyder',
    stopAll: 'staak alles, stop alles',
    start: 'begin, teken in',
    help: 'hulp',
  },
  {
    language: 'zu',
    stop: 'yima, misa, khansela',
    stopAll: 'misa konke',
    start: 'qala',
    help: 'usizo',
  },
];

const LONGEST = 1_000;

/** Letters and digits of a text in lower case without accents, words apart by one space. */
export function plainWords(text: string): string {
  return folded(text.slice(0, LONGEST).normalize('NFKC'))
    .replaceAll(/['’`ʼ]/g, '')
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}

type Kind = 'stop' | 'stopAll' | 'start' | 'help';

/** Words without their spaces: "opt out", "OPTOUT" and "opt-out" are one. */
const joined = (words: string): string => words.replaceAll(' ', '');

function indexed(): ReadonlyMap<string, { readonly kind: Kind; readonly language: string }> {
  const found = new Map<string, { kind: Kind; language: string }>();
  // Where languages differ about a word, the strict reading wins: stop all, then stop.
  for (const kind of ['stopAll', 'stop', 'help', 'start'] as const) {
    for (const { language, ...lists } of KEYWORDS) {
      for (const word of (lists[kind] ?? '').split(',')) {
        const key = joined(plainWords(word));
        if (key !== '' && !found.has(key)) found.set(key, { kind, language });
      }
    }
  }
  return found;
}
const BY_WORD = indexed();

/** The wish that a text consisting of a keyword alone is; the language is that of the keyword. */
export const keywordOf = (words: string): { readonly kind: Kind; readonly language: string } | undefined =>
  BY_WORD.get(joined(words));

/** Languages that have keywords, ISO 639. */
export const KEYWORD_LANGUAGES: readonly string[] = KEYWORDS.map(({ language }) => language);
