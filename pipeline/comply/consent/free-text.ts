/**
 * Requests to stop in a person's own words, by language. Each is tested on text from `plainWords`: lower case, no accents,
 * no apostrophes, one space between words. Gaps are bounded, so a test takes time linear in the text.
 */
const REQUESTS: Readonly<Record<string, readonly RegExp[]>> = {
  en: [
    /\b(?:stop|quit|cease) (?:text|texting|txt|messag|contact|call|send|spam|email|bother|sms)/,
    /\b(?:dont|do not|never|please no) (?:ever )?(?:text|txt|message|contact|call|email|send|sms|bother)\b/,
    /\b(?:remove|take|get|delete) (?:me|my number|my email|this number)\b.{0,20}\b(?:off|from|list|database)\b/,
    /\bremove me\b|\bunsubscribe me\b|\bopt me out\b|\bleave me alone\b/,
    /\bno more (?:texts?|messages?|sms|emails?|ads?|offers?|calls?|spam)\b/,
    /\bi (?:want|would like|wish|d like) (?:to )?(?:stop|opt out|unsubscribe|be removed)\b/,
    /\b(?:opt out|opting out|unsubscribe)\b.{0,15}\b(?:please|pls|now|asap)\b|\b(?:please|pls) (?:stop|unsubscribe|opt out|cancel)\b/,
    // The keyword in polite company: nothing else is said.
    /^(?:(?:ok|okay|hi|hello|hey|thanks|thank you|no) ){0,2}(?:stop|quit|unsubscribe|cancel|end)(?: (?:it|this|now|please|pls|plz|thanks|thank you|thx|asap|immediately|already|right now|at once)){1,3}$/,
    /^(?:(?:ok|okay|hi|hello|hey|thanks|thank you|just|no) ){1,3}(?:stop|unsubscribe)$/,
    /\bi (?:revoke|withdraw) (?:my )?consent\b|\bwithdraw my consent\b/,
  ],
  es: [
    /\b(?:no (?:quiero|deseo) (?:recibir )?(?:mas|sus|estos)|no me (?:envie|envien|mande|manden|escriba|escriban|llamen|contacten)|dejen? de (?:enviar|mandar|escribir|molestar)|paren? de (?:enviar|mandar)|no mas (?:mensajes|sms|correos|publicidad))/,
    /\b(?:darme|dar|denme|dame|deme) de baja\b|\bquiten mi numero\b|\bborren mi numero\b|\bcancelar (?:mi )?suscripcion\b|\bretiro mi consentimiento\b/,
  ],
  fr: [
    /\b(?:ne (?:plus|pas) (?:m|me )\w{0,3} ?(?:envoyer|contacter|ecrire)|ne (?:m|me )\w{0,2} ?(?:envoyez|contactez|ecrivez) plus|je ne (?:veux|souhaite) plus|arretez de m|plus de (?:messages|sms|pub)|cessez de m)/,
    /\b(?:me desabonner|desabonnez moi|desinscrivez moi|me desinscrire|retirez moi|supprimez mon numero)\b|\bje retire mon consentement\b/,
  ],
  de: [
    /\bkeine (?:weiteren |mehr )?(?:nachrichten|sms|mails|e mails|werbung|newsletter)(?: mehr| senden| schicken)?\b|\bnicht mehr (?:schreiben|kontaktieren|anschreiben|senden|schicken)\b/,
    /\b(?:mich|meine nummer) (?:bitte )?(?:abmelden|austragen|loschen|entfernen)\b|\bmelden sie mich ab\b|\bhoren sie auf\b|\bwiderrufe (?:ich )?(?:hiermit )?(?:meine )?einwilligung\b|\bich widerspreche\b/,
  ],
  it: [
    /\b(?:non (?:mi )?(?:mandate|inviate|scrivete|contattate)\w{0,3}|non voglio piu|smettete di|basta (?:messaggi|sms|pubblicita)|non inviatemi)\b/,
    /\b(?:cancellatemi|rimuovetemi|disiscrivetemi|toglietemi)\b|\brevoco il (?:mio )?consenso\b/,
  ],
  pt: [
    /\b(?:nao (?:quero|desejo) (?:mais )?(?:receber|mensagens)|nao me (?:envie|enviem|mande|mandem|escreva|liguem)|parem? de (?:enviar|mandar|me)|chega de (?:mensagens|sms)|nao envie\w{0,2} mais)\b/,
    /\b(?:me (?:descadastre|remova|retire)\w{0,2}|remova\w{0,2} meu numero|retire\w{0,2} meu numero|cancelar (?:minha )?inscricao)\b|\bretiro meu consentimento\b/,
  ],
  nl: [
    /\b(?:geen (?:berichten|sms|mails|reclame) meer|stuur (?:me|mij) niets? meer|niet meer (?:sturen|mailen|contacteren)|stop met (?:sturen|berichten|mailen))\b/,
    /\b(?:schrijf|meld) (?:me|mij) (?:uit|af)\b|\bverwijder (?:me|mij|mijn nummer)\b|\bik trek mijn toestemming in\b/,
  ],
  pl: [
    /\b(?:nie (?:chce|zycze sobie) (?:wiecej|otrzymywac|dostawac)|prosze (?:nie|przestac) (?:pisac|wysylac|dzwonic)|przestancie (?:pisac|wysylac|dzwonic)|nie wysylajcie)\b/,
    /\b(?:wypiszcie mnie|usuncie moj numer|prosze o usuniecie|wycofuje zgode)\b/,
  ],
  tr: [
    /\b(?:mesaj (?:atmayin|gondermeyin|istemiyorum)|(?:bir )?daha (?:mesaj|sms) (?:atmayin|gondermeyin)|almak istemiyorum|gondermeyin artik|beni listeden cikar\w{0,4})\b/,
  ],
  id: [
    /\b(?:(?:jangan|tolong jangan|stop|berhenti|hentikan) (?:lagi )?(?:kirim|mengirim|sms|hubungi)|tidak (?:mau|ingin) (?:lagi )?(?:menerima|terima)|hapus (?:nomor )?saya)\b/,
    /\b(?:jangan hantar|tak nak terima|tidak mahu (?:lagi )?(?:menerima|terima)|berhenti menghantar|padam nombor saya)\b/,
  ],
  fil: [
    /\b(?:huwag (?:na|nyo na) (?:akong|ako|kayong) (?:i ?text|padalhan|magtext)|ayaw ko (?:na|nang)|tigilan (?:nyo|ninyo) (?:na )?ako|wag na (?:kayong )?mag ?text)\b/,
  ],
  vi: [
    /\b(?:(?:dung|khong|ngung) (?:gui|nhan) (?:tin|sms|nua)|khong (?:muon|can) nhan (?:tin|nua|them)|dung lam phien|xoa so (?:cua )?toi)\b/,
  ],
  sw: [/\b(?:acheni kunitumia|msinitumie|sitaki (?:ujumbe|sms|tena)|niondoeni|nitoeni)\b/],
  hi: [
    /(?:मैसेज|संदेश|sms|मेसेज)[^\n]{0,12}(?:मत भेज|न भेज|बंद कर)|(?:मत भेजो|मत भेजिए|परेशान मत|लिस्ट से हटा)/,
    /\b(?:(?:msg|message|sms) (?:mat|band|na) (?:bhej|kar)\w{0,4}|mat bhej\w{0,4}|pareshan mat kar\w{0,3})\b/,
  ],
  ar: [
    /(?:لا (?:ترسل|ترسلوا|اريد|ارغب)|توقف(?:وا)? عن (?:ارسال|الارسال|مراسلتي)|احذف(?:وا)? رقمي|اوقف(?:وا)? الرسائل|ازل(?:وا)? رقمي)/,
  ],
  he: [/(?:תפסיקו לשלוח|אל תשלחו|לא (?:רוצה|מעוניין|מעוניינת) לקבל|תסירו אותי|הסירו אותי|תורידו אותי)/],
  th: [/(?:อย่าส่ง|หยุดส่ง|ไม่ต้องส่ง|ไม่อยากรับ|ไม่ต้องการรับ|เลิกส่ง|ลบเบอร์)/],
  zh: [
    /(?:不要再?(?:发|發|给我发|傳|打)|别再?(?:发|发短信|骚扰|给我发)|別再(?:發|傳|煩)|停止(?:发送|發送|骚扰|騷擾)|不想(?:再)?收到|请(?:勿|停止)(?:发|再发)|請勿再|删除我的(?:号码|手机)|刪除我的號碼)/,
  ],
  ja: [
    /(?:送らないで|送信しないで|配信(?:を)?(?:停止|やめて|止めて)|もう(?:いりません|不要)|連絡しないで|やめてください)/,
  ],
  ko: [
    /(?:보내지 ?(?:마|말)|문자 ?(?:그만|하지)|연락하지 ?(?:마|말)|그만 ?보내|수신 ?거부|더 이상 (?:받고|보내))/,
  ],
};

/** Asks for every kind of message to end. */
const EVERYTHING =
  /\b(?:anything|everything|all (?:messages|texts|contact|communication)|any (?:messages|texts)|todos los mensajes|ningun mensaje|tous les messages|aucun message|alle nachrichten|tutti i messaggi|todas as mensagens|nenhuma mensagem|alle berichten|wszystkie wiadomosci|tum mesajlar|semua pesan)\b|所有(?:短信|信息|訊息)|すべての|모든 (?:문자|메시지)|كل الرسائل|כל ההודעות/;
/** "Please don't stop", "no dejen de enviar": asks for the contrary. */
const CONTRARY =
  /\b(?:dont|do not|never|cant|wont|not) (?:ever )?(?:stop|unsubscribe|quit|cancel|opt out)\b|\bno (?:dejen?|paren?) de\b|\bn arretez pas\b|\bnicht (?:aufhoren|abmelden)\b|\bnao parem\b|\bnon smettete\b/;

/** Whether the words ask to stop, and whether for everything; `undefined`: they do not, or for the contrary. */
export function freeTextStop(
  words: string,
): { readonly language: string; readonly all: boolean } | undefined {
  if (CONTRARY.test(words)) return undefined;
  for (const [language, patterns] of Object.entries(REQUESTS)) {
    if (patterns.some((pattern) => pattern.test(words))) return { language, all: EVERYTHING.test(words) };
  }
  return undefined;
}
