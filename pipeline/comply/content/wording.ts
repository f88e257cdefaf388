/**
 * Wording of opt-outs, advertising and notices in the languages of the packs. Every pattern is tested on text from
 * `folded`, has bounded gaps only, and so takes time linear in the text.
 */

/** Lower case without the accents of Latin letters and the hamza of alef; other scripts stay as they are written. */
export function folded(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return text
    .normalize('NFD')
    .replaceAll(/(?<=\p{Script=Latin})[\u0300-\u036f]+|(?<=ا)[\u0653-\u0655]/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[ıđłß]|i\u0307/g, (letter) => PLAIN[letter] ?? 'i');
}
const PLAIN: Readonly<Record<string, string>> = { ı: 'i', đ: 'd', ł: 'l', ß: 'ss' };

const KEYWORDS =
  'stopp?|baja|salir|alto|sair|parar|cancelar|descadastrar|arret|arreter|abmelden|cancella|disiscrivimi|afmelden|rezygnuje|wypisz|nie|ret|iptal|berhenti|henti|batal|unreg|keluar|tc|huy|tu choi|acha|ondoa|sitisha|toka';
/** "Responda con la palabra BAJA", "Sende STOPP", "Ketik UNREG", "Soan TC", "Tuma neno ONDOA". */
const ANSWER = new RegExp(
  String.raw`\b(?:responda|responde|responder|contesta|conteste|envia|envie|enviar|escribe|escriba|manda|mande|envoyez|repondez|rep|tapez|antworten?|sende|senden|schreiben?|schicken?|rispondi|rispondere|invia|inviare|scrivi|antwoord|stuur|zend|odpisz|odpowiedz|wyslij|napisz|balas|ketik|kirim|hantar|taip|soan|nhan tin|tra loi|gui|tuma|jibu|andika)` +
    String.raw`(?:\W{1,3}(?:con|com|avec|mit|met|z|la|el|o|a|un|um|uma|una|il|das|het|le|de|palabra|palavra|mot|wort|parola|woord|kata|neno|sms|mensaje|mensagem|al|ao|au|an|naar|na|ke|toi|den|d?e?t?resci|\d{3,8})){0,7}` +
    String.raw`\W{1,3}(?:${KEYWORDS})\b`,
);
/** "Para darte de baja ... https://", "Pour ne plus recevoir ... STOP", "Rezygnacja: wyslij". */
const PURPOSE_THEN_WAY = new RegExp(
  String.raw`\b(?:darte de baja|darse de baja|no recibir mas|cancelar (?:la |tu |su |sua )?(?:suscripcion|inscricao|assinatura)|descadastrar|nao receber mais|parar de receber|ne plus recevoir|vous desinscrire|se desinscrire|vous desabonner|se desabonner|desinscription|desabonnement|abmelden|abbestellen|abmeldung|widersprechen|widerruf|non ricevere piu|disiscriver\w{1,3}|cancellar(?:ti|si)|annullare l.iscrizione|afmelden|uitschrijven|afmelding|zrezygnowac|rezygnacja|wypisac sie|sie wypisac|nie otrzymywac|listeden cik\w{0,6}|almak istem\w{0,12}|abonelikten|reddetmek|berhenti (?:ber)?langganan|berhenti menerima|henti(?:kan)? (?:langgan\w{0,3}|terima)|tu choi|huy dang ky|ngung nhan|kujiondoa|kujitoa|kusitisha|kuacha kupokea)\b` +
    String.raw`[^\n]{0,60}?(?:https?:|www\.|mailto:|\bstop\b|\bsms\b|\b(?:responda|responde|envia|envie|entra|visita|pulsa|haz clic|llama|acesse|clique|ligue|envoyez|repondez|cliquez|appelez|antwort\w{0,3}|send\w{1,3}|klick\w{0,3}|rispondi|invia|clicca|chiama|stuur|antwoord|klik|bel|wyslij|odpisz|kliknij|zadzwon|yaz\w{0,4}|gonder\w{0,4}|tikla\w{0,5}|balas|ketik|kirim|hantar|taip|soan|gui|nhan|goi|bam|truy cap|tuma|jibu|piga|bofya)\b)`,
);
const OPT_OUT_LATIN = [
  ANSWER,
  PURPOSE_THEN_WAY,
  /\bstopp?\s+(?:senden|antworten|schreiben|schicken|sms|bhejen|likhkar|an \d|al \d|naar \d|na \d|para \d)/,
  /\bstop\s*\*\d{2,}|\b(?:opt-?out|unsubscribe|kujiondoa)\W{0,5}(?:dial|piga)?\W{0,3}\*\d{2,}/,
  /\b(?:ret|red|iptal|cikis|stop)\W{1,3}(?:yaz|yazip|yazarak|yazin|yaziniz)\b|\bsms (?:ret|red|iptal)\b/,
];
const OPT_OUT_OTHER = [
  /(?:השב|השיבו|שלח|שלחו)[^\n]{0,12}(?:הסר|stop)|(?:להסרה|להסיר|לביטול (?:ה?דיוור|ה?הרשמה|ה?מנוי))[^\n]{0,40}(?:השב|השיבו|שלח|לחצ|לחץ|התקשר|https?:|\d)/,
  /(?:الغاء|ايقاف)\s+(?:ال)?(?:اشتراك|رسائل|استقبال|استلام|اعلانات|تسجيل)[^\n]{0,40}(?:ارسل|ارسال|اتصل|رد|اضغط|https?:|\d{3})|(?:لالغاء|للالغاء|لايقاف)\W{0,3}(?:ارسل|رد|اضغط|https?:)|ارسل[^\n]{0,12}(?:stop|توقف|الغاء|ايقاف)/,
  /(?:ยกเลิก(?:การ)?(?:รับ|สมัคร|ข่าวสาร|ข้อความ|sms)|เลิกรับ|หยุดรับ|ไม่(?:ต้องการ|ประสงค์)(?:จะ)?รับ)[^\n]{0,40}(?:กด|โทร|พิมพ์|ส่ง|ตอบ|คลิก|https?:|\*\d)|ยกเลิก\s{0,2}(?:กด|โทร)?\s{0,2}\*\d{3}|(?:พิมพ์|ตอบ)\s{0,2}(?:stop|ยกเลิก|หยุด)/,
  /(?:拒收|退订|退訂|取消订阅|取消訂閱|拒绝接收|拒絕接收|停止接收)[^。\n]{0,8}(?:回|点击|點擊|致电|致電|发|發|按|https?:)|(?:回复?|回覆|发送|發送)\s?[a-z0-9]{1,4}\s?(?:退订|退訂|拒收|取消)/,
  /(?:配信(?:停止|解除|拒否)|受信拒否|購読解除|登録解除)[^。\n]{0,30}(?:https?:|こちら|返信|電話|送信|クリック)|停止はこちら|stop」?と(?:ご)?返信/,
  /(?:수신\s?거부|무료\s?거부|수신\s?동의\s?철회)[^\n]{0,20}(?:\d{3,4}[- ]?\d{3,4}|https?:|문자|클릭|회신)/,
  /(?:stop|बंद|रोकने|सदस्यता (?:समाप्त|रद्द))[^।\n]{0,40}(?:भेजें|लिख|कॉल|क्लिक|उत्तर|जवाब|https?:)/,
];
const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** Patterns that may find an opt-out in this folded text. */
export const optOutWording = (text: string): readonly RegExp[] =>
  isAscii(text) ? OPT_OUT_LATIN : [...OPT_OUT_LATIN, ...OPT_OUT_OTHER];

/** What a link to unsubscribe is called. */
const UNSUBSCRIBE =
  'darse de baja|darte de baja|cancelar (?:la |sua |a )?(?:suscripcion|inscricao|assinatura)|descadastrar|desinscri|desabonn|abmelden|abbestellen|afmelden|uitschrijven|wypisz|zrezygnuj|disiscriv|cancella(?:ti|zione)|aboneligi|listeden cik|berhenti (?:ber)?langganan|henti langgan|huy dang ky|jiondoe|להסרה|הסר|الغاء (?:ال)?اشتراك|ยกเลิก(?:การ)?(?:รับ|สมัคร)|退订|退訂|取消订阅|取消訂閱|配信停止|購読解除|수신\\s?거부|सदस्यता (?:समाप्त|रद्द)';
export const UNSUBSCRIBE_LINK = new RegExp(
  `(?:${UNSUBSCRIBE})[^\\n]{0,120}?(?:https?://|mailto:)|(?:https?://|mailto:)[^\\s"'<>]{1,200}["']?>[^<\\n]{0,40}(?:${UNSUBSCRIBE})`,
);

const AD_WORDS =
  'ad|adv|advt|advert|advertisement|promotional message|publi|publicidad|publicidade|propaganda|pub|publicite|werbung|anzeige|pubblicita|reclame|advertentie|reklama|reklam|tanitim|kampanya|iklan|qc|quang cao|tangazo|פרסומת|اعلان|دعاية|โฆษณา|广告|廣告|広告|pr|광고|विज्ञापन';
/** A label as the first thing or in brackets, or a sentence that says it. */
export const AD_LABEL = new RegExp(
  String.raw`^\s*(?:${AD_WORDS})\s*[:\-–|.：]|[[(<【（［]\s*(?:${AD_WORDS})\s*[\])>】）］]|^\s*(?:פרסומת|اعلان|โฆษณา|广告|廣告|広告|광고|विज्ञापन)|\bthis (?:message|e-?mail|text) is an? (?:advertisement|ad|commercial message|promotion)\b`,
  'm',
);

/** Words of offers at sight; a message that advertises with them can be told as advertising. */
export const OFFER =
  /\d\s?%\s?(?:off|discount|cash ?back|de desc|desc|dcto|dto|rabatt|korting|sconto|rabatu|taniej|indirim|de reduction|de remise|diskon|diskaun|giam|punguzo|הנחה|خصم|할인|オフ|引き|छूट)|(?:giam|indirim|diskon|sconto|rabatt|korting|خصم|הנחה|ลด|割引|할인|छूट|ลดราคา)[^\n]{0,10}\d{1,2}\s?%|\b(?:on sale|(?:flash|summer|winter|big|clearance) sale|special offer|half price|promo code|coupon|voucher|oferta|ofertas|descuento|desconto|promocao|soldes|promotion|remise|\w{0,20}angebote?|rabattaktion|schlussverkauf|offerta|sconti|saldi|aanbieding|uitverkoop|promocja|promocji|wyprzedaz|znizka|indirim|firsat\w{0,6}|kampanya\w{0,5}|promo|diskon|jualan|khuyen mai|giam gia|punguzo|ofa)\b|מבצע|הנחה|خصم|تخفيضات|عرض خاص|ลดราคา|โปรโมชั่น|优惠|優惠|打折|促销|促銷|全场|[一二三四五六七八九]折|割引|セール|할인|특가|छूट|ऑफर/;

/** The notice of s. 7(3) UWG: objection at any time, at no more than the basic rates of transmission. */
export const BASE_RATE =
  /(?:widerspr|widerruf|abmeld|abbestell)[^\n]{0,200}(?:basistarif|grundtarif)|(?:basistarif|grundtarif)[^\n]{0,200}(?:widerspr|widerruf|abmeld|abbestell)|\b(?:object|opt out|unsubscribe|withdraw)[^\n]{0,200}\b(?:basic|base) (?:rates?|tariffs?)\b/;

/** A toll-free number to refuse, as the last thing in the text. */
export const FREE_OPT_OUT_KR =
  /(?:무료\s?(?:수신\s?)?거부|수신\s?거부)[^\n\d]{0,6}\(?080[ )-]{0,2}\d{3,4}[ -]?\d{4}[\s.)\]]{0,5}$/;

/** Words that reveal health, belief, politics, union membership or orientation of the one who is addressed. */
export const SPECIAL_CATEGORY = [
  /\b(?:your|ihre?[rn]?|deine?[rn]?|votre|ton|ta|tu|su|sua|seu|tua|il tuo|la tua|je|jouw|uw|twoj\w{0,3}|pani|pana)\s+(?:[a-z]+\s+){0,2}?(?:pregnan\w{1,2}|schwangerschaft|grossesse|embarazo|gravidez|gravidanza|zwangerschap|ciaz\w{0,2}|diabetes|diabete|cukrzyc\w|cancer|krebs\w{0,12}|cancro|kanker|depress\w{1,4}|hiv|aids|epilep\w{1,4}|asthma|asma|asthme|hepatitis|infertility|addiction|sucht\w{0,10}|diagnos\w{1,4}|chemotherapy|antidepressants?|std test|sexual orientation|religion|faith|glaube\w?|trade union|gewerkschaft\w{0,12}|syndicat|sindicato|ethnicity)\b/,
  /\b(?:hiv|aids)[- ](?:positive|positiv|positif|positivo|patients?|therapy|therapie)\b|\bas an? (?:diabetic|cancer (?:patient|survivor)|gay|lesbian|muslim|christian|jewish|union member)\b|\b(?:als|en tant que|como|come) (?:diabetiker\w{0,3}|krebspatient\w{0,3}|diabetique|diabetico|diabetica|moslem|muslim|musulman|musulmano|gewerkschaftsmitglied)\b/,
];
