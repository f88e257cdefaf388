/** How a message travels. Rules name the channels that they bind. */
export const CHANNELS = ['sms', 'mms', 'rcs', 'whatsapp', 'push', 'email', 'voice'] as const;
export type Channel = (typeof CHANNELS)[number];
