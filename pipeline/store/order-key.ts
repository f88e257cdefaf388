import { sha256 } from '../../models/base/sha256.ts';

/** What keeps its order: the messages of one sender to one recipient. */
export const orderKeyOf = (tenant: string, sender: string, recipient: string): string =>
  sha256(JSON.stringify([tenant, sender, recipient])).slice(0, 16);
