/**
 * North American area codes by state and province (NANPA and CNAC assignments, in service or announced by 2026) and
 * the zones that each state spans. A code that is not listed tells nothing: all zones of the country then count.
 */
interface Region {
  /** Zones observed somewhere in the region, the most populous first. */
  readonly zones: readonly string[];
  /** Codes that lie wholly within the first zone, or, with `split`, may be any of the region's zones. */
  readonly codes: string;
  /** Codes that need other zones than the region's first: all of the region's, or those named. */
  readonly split?: Readonly<Record<string, readonly string[] | 'all'>>;
}

const ET = 'America/New_York';
const CT = 'America/Chicago';
const MT = 'America/Denver';
const PT = 'America/Los_Angeles';
const AT = 'America/Halifax';
const all = 'all' as const;

const REGIONS: Readonly<Record<string, Region>> = {
  'US-AK': { zones: ['America/Anchorage', 'America/Adak'], codes: '907', split: { 907: all } },
  'US-AL': { zones: [CT], codes: '205 251 256 334 659 938' },
  'US-AR': { zones: [CT], codes: '327 479 501 870' },
  'US-AZ': { zones: ['America/Phoenix', MT], codes: '480 520 602 623 928', split: { 928: all } },
  'US-CA': {
    zones: [PT],
    codes:
      '209 213 279 310 323 341 350 357 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 669 707 714 ' +
      '738 747 760 805 818 820 831 837 840 858 909 916 925 949 951',
  },
  'US-CO': { zones: [MT], codes: '303 719 720 748 970 983' },
  'US-CT': { zones: [ET], codes: '203 475 860 959' },
  'US-DC': { zones: [ET], codes: '202 771' },
  'US-DE': { zones: [ET], codes: '302' },
  'US-FL': {
    zones: [ET, CT],
    codes: '239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954',
    split: { 448: all, 850: all },
  },
  'US-GA': { zones: [ET], codes: '229 404 470 478 678 706 762 770 912 943' },
  'US-HI': { zones: ['Pacific/Honolulu'], codes: '808' },
  'US-IA': { zones: [CT], codes: '319 515 563 641 712' },
  'US-ID': { zones: ['America/Boise', PT], codes: '208 986', split: { 208: all, 986: all } },
  'US-IL': { zones: [CT], codes: '217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872' },
  'US-IN': {
    zones: ['America/Indiana/Indianapolis', CT],
    codes: '219 260 317 463 574 765 812 930',
    split: { 219: all, 574: all, 765: all, 812: all, 930: all },
  },
  'US-KS': { zones: [CT, MT], codes: '316 620 785 913', split: { 620: all, 785: all } },
  'US-KY': {
    zones: ['America/Kentucky/Louisville', CT],
    codes: '270 364 502 606 859',
    split: { 270: all, 364: all, 606: all },
  },
  'US-LA': { zones: [CT], codes: '225 318 337 457 504 985' },
  'US-MA': { zones: [ET], codes: '339 351 413 508 617 774 781 857 978' },
  'US-MD': { zones: [ET], codes: '227 240 301 410 443 667' },
  'US-ME': { zones: [ET], codes: '207' },
  'US-MI': {
    zones: ['America/Detroit', CT],
    codes: '231 248 269 313 517 586 616 679 734 810 906 947 989',
    split: { 906: all },
  },
  'US-MN': { zones: [CT], codes: '218 320 507 612 651 763 924 952' },
  'US-MO': { zones: [CT], codes: '235 314 417 557 573 636 660 816 975' },
  'US-MS': { zones: [CT], codes: '228 471 601 662 769' },
  'US-MT': { zones: [MT], codes: '406' },
  'US-NC': { zones: [ET], codes: '252 336 472 704 743 828 910 919 980 984' },
  'US-ND': { zones: [CT, MT], codes: '701', split: { 701: all } },
  'US-NE': { zones: [CT, MT], codes: '308 402 531', split: { 308: all } },
  'US-NH': { zones: [ET], codes: '603' },
  'US-NJ': { zones: [ET], codes: '201 551 609 640 732 848 856 862 908 973' },
  'US-NM': { zones: [MT], codes: '505 575' },
  'US-NV': { zones: [PT, MT], codes: '702 725 775', split: { 775: all } },
  'US-NY': {
    zones: [ET],
    codes: '212 315 329 332 347 363 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934',
  },
  'US-OH': { zones: [ET], codes: '216 220 234 283 326 330 380 419 436 440 513 567 614 740 937' },
  'US-OK': { zones: [CT], codes: '405 539 572 580 918' },
  'US-OR': { zones: [PT, 'America/Boise'], codes: '458 503 541 971', split: { 458: all, 541: all } },
  'US-PA': { zones: [ET], codes: '215 223 267 272 412 445 484 570 582 610 717 724 814 835 878' },
  'US-RI': { zones: [ET], codes: '401' },
  'US-SC': { zones: [ET], codes: '803 821 839 843 854 864' },
  'US-SD': { zones: [CT, MT], codes: '605', split: { 605: all } },
  'US-TN': {
    zones: [CT, ET],
    codes: '423 615 629 731 865 901 931',
    split: { 423: all, 865: [ET], 931: all },
  },
  'US-TX': {
    zones: [CT, MT],
    codes:
      '210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 915 936 940 945 ' +
      '956 972 979',
    split: { 432: all, 915: [MT] },
  },
  'US-UT': { zones: [MT], codes: '385 435 801' },
  'US-VA': { zones: [ET], codes: '276 434 540 571 686 703 757 804 826 948' },
  'US-VT': { zones: [ET], codes: '802' },
  'US-WA': { zones: [PT], codes: '206 253 360 425 509 564' },
  'US-WI': { zones: [CT], codes: '262 274 353 414 534 608 715 920' },
  'US-WV': { zones: [ET], codes: '304 681' },
  'US-WY': { zones: [MT], codes: '307' },
  'CA-AB': { zones: ['America/Edmonton'], codes: '368 403 587 780 825' },
  'CA-BC': {
    zones: ['America/Vancouver', 'America/Edmonton', 'America/Dawson_Creek'],
    codes: '236 250 257 604 672 778',
    split: { 236: all, 250: all, 257: all, 672: all, 778: all },
  },
  'CA-MB': { zones: ['America/Winnipeg'], codes: '204 431 584' },
  'CA-NB': { zones: ['America/Moncton'], codes: '428 506' },
  'CA-NL': {
    zones: ['America/St_Johns', 'America/Goose_Bay'],
    codes: '709 879',
    split: { 709: all, 879: all },
  },
  'CA-NS': { zones: [AT], codes: '782 902' },
  'CA-ON': {
    zones: ['America/Toronto', 'America/Winnipeg'],
    codes: '226 249 289 343 365 382 416 437 519 548 613 647 683 705 742 753 807 905 942',
    split: { 807: all },
  },
  'CA-PE': { zones: [AT], codes: '782 902' },
  'CA-QC': {
    zones: ['America/Toronto', AT, 'America/Puerto_Rico'],
    codes: '263 354 367 418 438 450 468 514 579 581 819 873',
    split: { 367: all, 418: all, 581: all },
  },
  'CA-SK': {
    zones: ['America/Regina', 'America/Edmonton'],
    codes: '306 474 639',
    split: { 306: all, 474: all, 639: all },
  },
  'CA-NT': { zones: ['America/Edmonton'], codes: '867' },
  'CA-NU': {
    zones: ['America/Iqaluit', 'America/Rankin_Inlet', 'America/Edmonton', 'America/Coral_Harbour'],
    codes: '867',
    split: { 867: all },
  },
  'CA-YT': { zones: ['America/Whitehorse'], codes: '867' },
};

/** What an area code tells: every region that shares it, and every zone it may lie in. */
export interface AreaCode {
  readonly regions: readonly string[];
  readonly zones: readonly string[];
}

const byCode = new Map<string, { regions: string[]; zones: string[] }>();
for (const [region, { zones, codes, split }] of Object.entries(REGIONS)) {
  for (const code of codes.split(' ')) {
    const own = split?.[code];
    const codeZones = own === all ? zones : (own ?? zones.slice(0, 1));
    const entry = byCode.get(code) ?? { regions: [], zones: [] };
    entry.regions.push(region);
    for (const zone of codeZones) if (!entry.zones.includes(zone)) entry.zones.push(zone);
    byCode.set(code, entry);
  }
}

/** @param code three digits; `undefined` for codes that are not geographic or not known */
export const areaCode = (code: string): AreaCode | undefined => byCode.get(code);

/** Zones of a state or province, `US-FL`; `undefined` when it is none of the United States or Canada. */
export const regionZones = (region: string): readonly string[] | undefined => REGIONS[region]?.zones;

/** All states or provinces of `US` or `CA`; none for other countries. */
export const regionsOf = (country: string): string[] =>
  Object.keys(REGIONS).filter((region) => region.startsWith(`${country}-`));
