import type { Market } from './markets.ts';

/** Fictional brands of each industry. */
export const BRANDS: Readonly<Record<string, readonly string[]>> = {
  banking: words(
    'Norbank|Harrow Trust|Kestrel Bank|Meridian Bank|Savanna Bank|Lotus Bank|First Juniper|Union Cedar|PeopleSave|Bankora|Coral Bank|Delta Mutual|Sterling Oak|Unity Gold|Silverline Bank|Maple Credit Union|Gulf Horizon Bank|Pacific Reserve|Everest Co-op Bank|Zentra',
  ),
  'cards-wallets': words(
    'PayLoop|Kwikpay|Mintpurse|CardNest|Zappa Pay|TapWallet|MoboCash|SwiftPesa|Quidly|Nimbus Card|Orbit Pay|eLoad|PocketPay|Amberpay|Volt Card|Duo Wallet',
  ),
  insurance: words(
    'Shieldwell|Harbor Life|Aegis Mutual|SafeNest|Guardline|Suraksha Plus|Tranquil Life|Oakcover|Beacon Assurance|CarePledge|MotorSure|Umbrella Direct',
  ),
  health: words(
    'MediPoint|Carewell Clinic|Greenleaf Pharmacy|Apex Diagnostics|SmileBright Dental|LifeSpring Hospital|VitaLab|WellFit Gym|City Eye Centre|Nurture Pediatrics|PillPort|Glow Skin Clinic|ActiveCare Physio',
  ),
  retail: words(
    'Trendora|Maplewood & Co|Zuri Styles|UrbanNest|BigBarn|Kiko Kids|ShoeShed|Homely|Velvet Lane|ElectroHub|Bazaarly|Marlow & Finch|Gadget Grove|Sari Sansaar|Outback Outfitters|Lumo|Threadly|MegaMart',
  ),
  'grocery-food': words(
    'FreshCart|Tasty Tiffin|PizzaPronto|GreenBasket|Noodle Nook|Burger Barn|QuickBite|Daily Harvest Market|Mama Ngozi Kitchen|Spice Route|Wok This Way|Sunny Side Cafe|Dabba Express|GroceryGo|Chop Chop',
  ),
  telecom: words(
    'Telvia|Airwave|MoboTel|Konnect|SkyCell|Jaldi Mobile|Pulse Mobile|BlueTone|Unitel|Fonix|Zingnet|Horizon Broadband|Nexa Mobile|TalkMore',
  ),
  travel: words(
    'SkyBridge Air|StayWell Hotels|RailLink|CabHop|Wanderlane|BlueHarbor Cruises|TripNest|Safari Jet|ExpressWay Tolls|Coastline Buses|Monsoon Airways|HolidayBay|RideMate|Lodgewise',
  ),
  logistics: words(
    'ParcelPath|SwiftShip|BoxRunner|Fetchly|CargoBee|DoorDart|Pronto Post|Trakline|HaulMate|CityCourier|PackPal|Ndege Express',
  ),
  utilities: words(
    'BrightGrid|AquaServe|Northern Gas|PowerVale|CityWater|SunVolt Energy|EcoWaste|MetroPower|Clearflow|Lumen Electric|GreenWatt',
  ),
  education: words(
    'Brightpath Academy|Vidya Classes|Northgate University|EduRise|StepUp Tutors|Harmony School|CodeSprout|Lakeview College|ExamEdge|Little Oaks Nursery|SkillForge|Global Scholars',
  ),
  government: words(
    'City Council|Tax Office|Passport Office|DVLS|Public Health Dept|Election Commission|Civic Desk|County Office|eGov|Water Board|Transport Authority|Labour Dept|Municipal Corp',
  ),
  entertainment: words(
    'StreamBox|PlayZone|Cinemagic|TuneCast|BetArena|LottoLux|GameForge|FanPass|Ticketree|MobiFun|RingTonz|HeartMatch|QuizKing|SpinPalace',
  ),
  software: words(
    'Cloudnest|Taskpilot|InboxPro|Vaultly|Pixelmint|DevHarbor|SyncWave|SiteSpark|Formly|HostRaft|Notely|ChatBridge|Bytewise',
  ),
  'property-jobs': words(
    'HomeFinder|Skyline Builders|Nestora|Greenfield Estates|JobBridge|HireUp|Prime Realty|Lakefront Towers|TalentHub|RentEasy|Sunrise Developers|CareerLink|WorkNow Staffing',
  ),
};

export const GIVEN_NAMES: Readonly<Record<Market, readonly string[]>> = {
  US: words('Emily|Michael|Ashley|Tyrone|Maria|Josh|Brooke|Kevin|Dana|Luis|Hannah|Marcus'),
  GB: words('Oliver|Sophie|Liam|Priya|Gareth|Chloe|Mohammed|Fiona|Callum|Beth|Nigel|Aisha'),
  IE: words('Aoife|Conor|Niamh|Sean|Ciara|Padraig|Sinead|Darragh|Orla|Eoin'),
  CA: words('Olivia|Ethan|Amelie|Jacob|Harpreet|Noah|Chantal|Logan|Mei|Zoe'),
  IN: words('Rahul|Priya|Amit|Sneha|Vikram|Anjali|Suresh|Deepa|Arjun|Kavita|Imran|Lakshmi'),
  PK: words('Ahmed|Fatima|Bilal|Ayesha|Usman|Sana|Hamza|Zainab|Kashif|Mariam'),
  PH: words('Jose|Maricel|Juan|Angelica|Paolo|Jasmine|Rico|Lorna|Mark|Kristine'),
  SG: words('Wei Ling|Jun Hao|Siti|Kumar|Mei|Darren|Hui Min|Farid|Rachel|Boon'),
  MY: words('Aiman|Nurul|Mei Yee|Kavitha|Hafiz|Siti|Chong|Farah|Azlan|Li Wen'),
  NG: words('Chinedu|Amaka|Tunde|Bisi|Emeka|Zainab|Femi|Ngozi|Musa|Ifeoma'),
  KE: words('Wanjiru|Otieno|Kamau|Achieng|Mwangi|Njeri|Kiptoo|Faith|Brian|Halima'),
  ZA: words('Thabo|Lerato|Pieter|Nomsa|Sipho|Anika|Zanele|Johan|Ayanda|Fatima'),
  AE: words('Mohammed|Sara|Khalid|Noura|Ali|Reem|Omar|Mariam|Rashid|Layla'),
  AU: words('Jack|Matilda|Cooper|Isla|Lachlan|Ruby|Bruce|Mia|Tran|Georgia'),
  NZ: words('Aroha|Liam|Mere|Jack|Tane|Charlotte|Hemi|Sophie|Nikau|Ella'),
};

export const FAMILY_NAMES: Readonly<Record<Market, readonly string[]>> = {
  US: words('Johnson|Garcia|Miller|Davis|Nguyen|Brown|Lopez|Wilson'),
  GB: words('Smith|Patel|Jones|Taylor|Evans|Khan|Walker|Hughes'),
  IE: words('Murphy|Kelly|Byrne|Walsh|Doyle|Ryan'),
  CA: words('Tremblay|Singh|Martin|Roy|Campbell|Chen'),
  IN: words('Sharma|Kumar|Reddy|Iyer|Singh|Gupta|Nair|Khan|Das'),
  PK: words('Khan|Malik|Hussain|Ali|Qureshi|Butt'),
  PH: words('Santos|Reyes|Cruz|Garcia|Bautista|Dela Cruz'),
  SG: words('Tan|Lim|Lee|Ng|Rahman|Pillai'),
  MY: words('Abdullah|Tan|Wong|Ismail|Raj|Lim'),
  NG: words('Okafor|Adeyemi|Bello|Eze|Balogun|Ibrahim'),
  KE: words('Mwangi|Ochieng|Kimani|Wafula|Chebet|Hassan'),
  ZA: words('Nkosi|Botha|Dlamini|Naidoo|van Wyk|Mokoena'),
  AE: words('Al Mansoori|Haddad|Khan|Al Hashimi|Fernandes|Rahman'),
  AU: words('Wilson|Nguyen|Taylor|White|Papadopoulos|Kelly'),
  NZ: words('Williams|Tamati|Ngata|Campbell|Singh|Walker'),
};

export const CITIES: Readonly<Record<Market, readonly string[]>> = {
  US: words('Austin|Denver|Phoenix|Columbus|Tampa|Seattle|Boston|Fresno'),
  GB: words('Leeds|Bristol|Glasgow|Croydon|Cardiff|Derby|Norwich|Manchester'),
  IE: words('Dublin|Cork|Galway|Limerick|Athlone|Sligo'),
  CA: words('Toronto|Calgary|Halifax|Surrey|Winnipeg|Ottawa'),
  IN: words('Pune|Noida|Chennai|Indore|Kochi|Jaipur|Lucknow|Hyderabad|Whitefield|Thane'),
  PK: words('Lahore|Karachi|Multan|Islamabad|Peshawar|Faisalabad'),
  PH: words('Cebu|Makati|Davao|Quezon City|Iloilo|Pasig'),
  SG: words('Tampines|Jurong East|Bishan|Woodlands|Orchard|Bedok'),
  MY: words('Penang|Johor Bahru|Shah Alam|Ipoh|Kuching|Bangsar'),
  NG: words('Lagos|Abuja|Ibadan|Lekki|Kano|Port Harcourt|Ikeja'),
  KE: words('Nairobi|Mombasa|Kisumu|Nakuru|Eldoret|Westlands'),
  ZA: words('Durban|Sandton|Cape Town|Soweto|Polokwane|Centurion'),
  AE: words('Dubai|Sharjah|Abu Dhabi|Ajman|Al Ain|Deira'),
  AU: words('Brisbane|Geelong|Perth|Parramatta|Hobart|Cairns'),
  NZ: words('Auckland|Hamilton|Dunedin|Tauranga|Nelson|Wellington'),
};

export const STREETS: readonly string[] = words(
  'High Street|Station Road|Mill Lane|MG Road|Main Street|Park Avenue|Church Road|Kings Road|Lake View Road|Airport Road|Victoria Street|Garden Street|Ring Road',
);

/** What each industry sells or sends. */
export const ITEMS: Readonly<Record<string, readonly string[]>> = {
  banking: words('savings account|debit card|home loan|fixed deposit|cheque book|current account'),
  'cards-wallets': words('credit card|prepaid card|gift card|virtual card|travel card'),
  insurance: words('car policy|health policy|term plan|travel cover|home insurance|pet cover'),
  health: words('blood test|eye test|prescription|vaccine|check-up|dental cleaning|MRI scan|massage'),
  retail: words(
    'running shoes|denim jacket|blender|sofa|headphones|summer dress|desk lamp|kids pyjamas|smart TV|backpack|saree|air fryer|office chair|lipstick set',
  ),
  'grocery-food': words(
    'paneer roll|pepperoni pizza|fruit box|chicken biryani|sushi set|olive oil|jollof rice|family bucket|oat milk|iced latte',
  ),
  telecom: words('data pack|SIM card|router|caller tune|talktime pack|fibre plan|roaming pass'),
  travel: words('flight|hotel room|bus ticket|airport transfer|weekend cruise|train ticket'),
  logistics: words('parcel|package|envelope|pallet|box|return'),
  utilities: words('electricity bill|water bill|gas bill|smart meter|solar panel|bin collection'),
  education: words(
    'maths course|scholarship test|semester fee|admission form|coding camp|report card|mock exam',
  ),
  government: words('passport|driving licence|tax return|voter card|permit|birth certificate'),
  entertainment: words(
    'movie ticket|season pass|ringtone|concert ticket|premium plan|game bundle|jackpot ticket',
  ),
  software: words('storage plan|workspace|web hosting|antivirus|domain name|invoice template|photo editor'),
  'property-jobs': words(
    '2 BHK flat|studio apartment|villa|office space|sales executive role|delivery driver job|plot|warehouse job',
  ),
};

export const PLANS: readonly string[] = words(
  'Basic|Smart 299|Family Max|Unlimited Plus|Starter|Gold|Premium|Pro|Flexi 50|Student|Silver|Super Saver|Business One',
);

function words(list: string): readonly string[] {
  return Object.freeze(list.split('|'));
}
