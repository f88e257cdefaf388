/**
 * Words that senders disguise with digits, signs and spaces, because filters look for them; and the
 * everyday words around them. Used only to undo such disguises, never as evidence.
 */
export const DISGUISED_WORDS: ReadonlySet<string> = new Set(
  (
    'free cash win wins won winner winners winning prize prizes offer offers bonus bonuses click sale sales deal ' +
    'deals discount discounts loan loans credit debit casino bet bets betting jackpot lottery lotto gift gifts ' +
    'reward rewards money buy buying shop shopping order orders now today tonight save saves saving savings ' +
    'limited exclusive special congratulations congrats claim claims voucher vouchers coupon coupons cashback ' +
    'account accounts password passcode verify verified verification login secure security bank banking card ' +
    'cards code codes call text txt reply stop send link visit join register apply download install update ' +
    'urgent hurry last chance final final ends ending expires expired expiry guaranteed guarantee instant ' +
    'instantly approved approval eligible selected selection lucky draw million thousand hundred dollars pounds ' +
    'rupees amazing best cheap cheapest lowest price prices rates interest investment invest crypto bitcoin ' +
    'trading profit income earn earnings work home job jobs hiring salary viagra pills weight loss adult dating ' +
    'singles sexy girls hot live chat video mobile phone iphone samsung android holiday holidays trip travel ' +
    'hotel flight ticket tickets membership member premium upgrade subscribe subscription unsubscribe trial ' +
    'delivery delivered deliver parcel package shipped shipping courier customs tax refund refunded payment ' +
    'payments paid pay invoice bill billing balance transfer transferred received deposit deposited withdrawn ' +
    'withdrawal transaction transactions confirm confirmed confirmation booking booked reservation appointment ' +
    'reminder schedule scheduled cancelled cancel status alert notice notification service customer customers ' +
    'dear hello hi thank thanks please your you our the this that with from have has will was for and are not ' +
    'get got give take use using new only more most over under until till before after within here there when ' +
    'what where which who how why all any every each first next start starts begin open close store stores ' +
    'online website internet app apps web mail email inbox message messages number numbers pin otp one time ' +
    'day days week weeks weekend month months year years hour hours minute minutes share shared never someone ' +
    'anyone everyone friends family code point points mega super extra flat upto half off percent sign signup ' +
    'clearance collection fashion style beauty food pizza burger meal drink coffee grocery groceries electronics ' +
    'data plan plans recharge pack packs unlimited calls internet broadband roaming validity valid renew renewal ' +
    'policy insurance premium cover claim health doctor clinic hospital test tests checkup school college course ' +
    'courses class classes admission admissions exam university degree property flats apartment rent house villa ' +
    'plot launch event events festival celebrate celebration party show concert movie game games play poker slots ' +
    'rummy spin spins deposit id mr mrs sir madam block blocked suspended locked unlock access secret do dont'
  ).split(' '),
);
