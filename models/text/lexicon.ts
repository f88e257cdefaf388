/**
 * Everyday words of business messages, and those that senders disguise with digits, signs and spaces because
 * filters look for them. Used only to undo such disguises, never as evidence.
 */
export const EVERYDAY_WORDS: ReadonlySet<string> = new Set(
  (
    'about above access according account accounts across act action activate activated active activity ' +
    'actual add added additional address admission admissions adult advance advice affordable after ' +
    'afternoon again against age agent agents ago agree air airport alert alerts all almost alone along ' +
    'already also although always am amazing among amount amounts an and android annual another answer ' +
    'any anyone anything anytime anywhere apartment app appear applied apply appointment appointments ' +
    'approval approved apps are area around arrive arrived arrives arriving article as ask asked assist ' +
    'assistance associate assured at attached attempt attempts attend attention authorised authorized ' +
    'automatic automatically autopay avail available average avoid award awarded awards away baby back ' +
    'bad bag bags balance balances bank banking based basic basket batch bath be beach beat beauty became ' +
    'because become bed been before begin beginner behind being believe below benefit benefits beside ' +
    'best bet bets better betting between beyond bigger biggest bike bill billing birthday bitcoin black ' +
    'block blocked blue board boarding body bold bonus bonuses book booked booking books boost born both ' +
    'bottle bought box boy brand branded brands break breakfast bring brings broadband broken brought ' +
    'browse browser budget build building built burger business button buy buying by bye cake call calls ' +
    'came camera can cancel cancelled candidate cannot capital captain car card cards care career careful ' +
    'carry cars case cash cashback casino catch category celebrate celebrated celebration center central ' +
    'centre certain certificate challenge chance change changed changes channel charge chargeback charged ' +
    'charger charges charging chat cheap cheapest checked checkin checking checkout checkup cheque child ' +
    'children choice choose chosen christmas church city claim claimed claims class classes classic clean ' +
    'clear clearance clearly click clicking client clients clinic clock close closed closer closes ' +
    'closing clothes club coach coat code codes coffee cold collect collected collection collective ' +
    'college comes coming comment commission common community company compare competition complaint ' +
    'complete completed completely completion computer concern concerns concert conditions confidence ' +
    'confidential confirm confirmation confirmed congrats congratulations connect connected connection ' +
    'consider consultant consultation consumer contact contacts contain content contest continue contract ' +
    'control cool copy corner correct cost costs could council count counter countries country couple ' +
    'coupon coupons courier course courses cover covered crazy create created credit credited crore ' +
    'cruise crypto cup cure current currently custom customer customers customs cut daily damage dance ' +
    'dark data date dates dating daughter day days dead deadline deal dealer deals dear debit debited ' +
    'december declined decor dedicated deep degree delay delayed delight delights deliver delivered ' +
    'delivery demand demo department departs departure deposit deposited dept design designed designer ' +
    'designs desk detail details device devices diamond did died diet different digital dine dinner ' +
    'direct directly director disclose discount discounts discover dish display dispute do doctor does ' +
    'doing dollars dont door double down download downloaded downloading draft draw dream dreams dress ' +
    'drink drive driver drop due dues during each earlier early earn earned earnings easier easily east ' +
    'easy eat edition education effective effort either electronics eligible else email emergency emi ' +
    'employee employees enable enabled end ended ending ends energy engine engineering english enhance ' +
    'enjoy enjoyed enough enquiries enquiry enrol enroll ensure enter entered entire entitled entry equal ' +
    'error essential essentials estate evening event events ever every everyday everyone everything exam ' +
    'example excellent except exchange excited exciting exclusive executive expect expected expensive ' +
    'experience expert experts expired expires expiry explore express extended extension extra eye eyes ' +
    'face facebook facility fact failed fair faith fall family fan fans fare fares fashion fast faster ' +
    'fastest father favorite favourite feature features february fee feedback feel feeling fees feet fell ' +
    'female festival festive few field fifty fight figure file fill film final finance financial find ' +
    'finding fine fingertips finish fire firm first fish fit fitness five fix fixed flash flat flats ' +
    'flight flights floor flow flower flowers fly follow followed following food foot football footwear ' +
    'for force foreign forget forgot form former forms fortune forward found four franchise fraud free ' +
    'freedom freely fresh friday friend friends from fruit fruits fuel full fully fun fund funds funny ' +
    'furniture further future gain gallery game games garden gas gate gave general generate generated get ' +
    'gets getting giant gift gifts girl girls give given gives giving glad global go goal god goes going ' +
    'gold golden gone good goods got government grab grade grand great greater green greetings groceries ' +
    'grocery ground group grow growth guarantee guaranteed guard guess guest guests guide gym had hair ' +
    'half hand handle hands happen happened happy hard has hassle have having he head health heart heat ' +
    'heavy held hello help helpdesk helping helpline helps her here hey hi high higher highest him hiring ' +
    'his history hit hold holder holders holiday holidays home homes honest hope hospital host hot hotel ' +
    'hour hours house housing how however huge human hundred hurry husband id ideas identity if immediate ' +
    'immediately important improve in inbox inc include included includes including income increase ' +
    'increased india individual industry info inform information informed initiated inquiry inside ' +
    'install installed installment instant instantly instead instructions insurance insured interest ' +
    'interested internet interview introduce introducing invalid invest invested investment invitation ' +
    'invite invited inviting invoice invoices iphone is issue issued it item items itself jackpot january ' +
    'jewellery job jobs join joined joining joint journey july june just keep keeping kept key keyword ' +
    'kid kids kind kindly kit kitchen knew know known lab labs lac lady lakh land language laptop large ' +
    'largest last late later latest launch launched launching law lead leader leading league learn ' +
    'learning least leave leaves leaving left legal lend length less lesson let lets letter level license ' +
    'life light like limit limited limits line lines link linked links list listed listen little live ' +
    'living loaded loan loans local location locations locked logged login long longer look looking lose ' +
    'loss lost lot lots lottery lotto love loved lovely low lower lowest loyalty lucky lunch luxury ' +
    'machine madam made magazine magic mail main maintenance major make makes makeup making male mall man ' +
    'manage manager mandate many march mark market marketing marriage married massage master match ' +
    'matches material matter maximum may maybe me meal mean means measure media medical medicine ' +
    'medicines meet meeting mega member members membership men mention menu merchant merit message ' +
    'messages met method middle might mile miles milk million mind mine minimum minute minutes miss ' +
    'missed missing mobile mobiles mode model modern moment monday money monitor month monthly months ' +
    'more most mother movie movies moving mr mrs much multiple music must my myself name named names ' +
    'national natural near nearby nearest necessary need needed needs net network never new newest news ' +
    'newsletter next nice night nights nine no none noon normal north not notes nothing notice ' +
    'notification notified november now number numbers october of off offer offered offering offers ' +
    'office officer official offline often okay old on once one ones ongoing online only open opened ' +
    'opening operator opportunity opt option options or order orders organic original other others otp ' +
    'ought our outlet outlets outside outstanding over overdue own owner pack package packs page pages ' +
    'paid pain paper parcel parent parents park parking part participate particular parties partner ' +
    'partners party pass passcode passenger passengers passport password past patient pay payable payee ' +
    'payment payments payout peace pending people percent perfect perform performance period permanent ' +
    'person personal personalised personalized pet phone phones photo photos physical pick picked pickup ' +
    'picture pictures piece pieces pills pilot pin pizza place placed placement places plan planned plans ' +
    'platform platinum play played player playing pleasant please pleased pleasure plot plus pm pocket ' +
    'point points poker policy popular portal possible post posted postpaid potential pounds power ' +
    'practice premium prepaid prepare present press pretty prevent previous price prices pricing primary ' +
    'prior priority private prize prizes pro probably problem problems proceed process processed ' +
    'processing product products professional profile profit program programme progress project promise ' +
    'promo promotion promotions proof properties property protect protected protection proud provide ' +
    'provided provider provides public purchase purchased purchases purpose push put quality quarter ' +
    'query question questions queue quick quickly quiet quit quiz quote quotes race radio rail rain raise ' +
    'ran range rank rapid rate rated rates rather rating reach reached read reader reading ready real ' +
    'really reason reasons receipt receive received receiving recent recently recharge recharged ' +
    'recipient recommend recommended record records recover recovery red redeem redeemed reduce reduced ' +
    'refer reference referral referred refund refunded regarding regards region register registered ' +
    'registering registration regular regulations reject rejected related relationship release released ' +
    'remain remaining remarks remember remind reminder remit remove removed renew renewal renewed rent ' +
    'rental repair repay repayment repeat replace replacement replied reply report request requested ' +
    'requests require required requires reschedule research reservation reserve reserved reset residence ' +
    'resident residential resolved resort response rest restaurant restaurants result results retail ' +
    'return returned returns reveal reverse reversed review reviews reward rewarded rewards rich ride ' +
    'rides right ring rise risk river road roaming room rooms round route row rules rummy run running ' +
    'rupees safe safely safety said salary sale sales sample samsung saturday save saved saves saving ' +
    'savings say says scan schedule scheduled scheme scholarship school science scientist scratch screen ' +
    'search season seat seats second seconds secret section sector secure security see seem seen select ' +
    'selected selection sell selling semester seminar send senior sent september series serious serve ' +
    'served service services session set setting settings settled setup seven several sexy shall shape ' +
    'share shared shares sharing she shipped shipping shirt shirts shoes shop shopping short shot should ' +
    'show shown shows side sign signed signup silver similar simple simply since single singles sir ' +
    'sister site sites six size skill skills skin sleep slot slots small smart smile so social society ' +
    'sofa software sold solution solutions solve some someone something sometimes son song songs soon ' +
    'sorry sort sound source south space spam speak special specialist spend spent spin spins split sport ' +
    'sports spot spring staff stage stand standard star stars start started starting starts state ' +
    'statement statements states station status stay stayed staying step steps still stock stocks stood ' +
    'stop stopped storage store stores story straight strategy street strong student students studio ' +
    'study stuff style stylish subject submit submitted subscribe subscriber subscription success ' +
    'successful successfully such suit suite summer sunday super supply support supported suppose sure ' +
    'surprise surprises survey suspended suspicious sweet swim swipe switch system table take taken takes ' +
    'taking talk talking target taste taught tax team tech technical technology tell temporary ten term ' +
    'terms test tests text texts than thank thanks that the theatre their them themselves then theory ' +
    'there these they thing things think third this those though thought thousand thousands three thrill ' +
    'through throughout thursday ticket tickets till time tips title to today together told tomorrow ' +
    'tonight too took tool tools top topic total touch tour tours toward town toy toys track tracking ' +
    'trade trading traffic train trained training trains transaction transactions transfer transferred ' +
    'transit travel treat treatment trend trending trends trial tried trip true trust try trying tuesday ' +
    'turn tv twice two txt type types unable under understand unique unit units university unless ' +
    'unlimited unlock unsubscribe until up upcoming update updated updates upgrade upgraded upload upon ' +
    'upto urgent urgently us usage use used useful user username users using usual utility vacation ' +
    'vaccine valid validity value valued values variety various vehicle vendor verification verified ' +
    'verify verifying version very via viagra video view viewed villa vip visa visit visited visiting ' +
    'visits voice vote voucher vouchers wait waiting waive waived walk wall wallet want wanted wants warm ' +
    'warning warranty was wash watch watched water way ways we wear weather web website wedding wednesday ' +
    'week weekend weekly weeks weight welcome well went were west what whatever wheel when where whether ' +
    'which while white who whole whose why wide wife wifi wild will willing win window winner winners ' +
    'winning wins winter wish wishes wishing with withdraw withdrawal withdrawn within without woman ' +
    'women won wonder wonderful wood word words work worked workers working works workshop world ' +
    'worldwide worry worth worthwhile would wow write writing wrong year yearly years yellow yes ' +
    'yesterday yet yoga you young your yours yourself youth zero zone min max big per bid slim lose med film helpline'
  ).split(' '),
);
