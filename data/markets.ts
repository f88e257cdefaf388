/** Countries that the corpus speaks for, as ISO 3166-1 alpha-2 codes. */
export const MARKETS = [
  'US', 'GB', 'IE', 'CA', 'IN', 'PK', 'PH', 'SG', 'MY', 'NG', 'KE', 'ZA', 'AE', 'AU', 'NZ',
] as const; // biome-ignore format: one table

export type Market = (typeof MARKETS)[number];
