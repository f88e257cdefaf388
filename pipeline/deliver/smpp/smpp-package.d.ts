// The parts of the package that are used here; it comes without types.
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  export interface Pdu {
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly esm_class?: number;
    readonly message_id?: string;
    readonly source_addr?: string;
    readonly source_addr_ton?: number;
    readonly destination_addr?: string;
    readonly dest_addr_ton?: number;
    readonly short_message?:
      | { readonly message?: string | Uint8Array; readonly udh?: readonly Uint8Array[] }
      | string;
    readonly message_payload?: { readonly message?: string | Uint8Array } | string;
    readonly receipted_message_id?: string;
    readonly message_state?: number;
    readonly sar_msg_ref_num?: number;
    readonly sar_total_segments?: number;
    readonly sar_segment_seqnum?: number;
    response(options?: Readonly<Record<string, unknown>>): Pdu;
  }

  type Send = (options: Readonly<Record<string, unknown>>, answered?: (pdu: Pdu) => void) => boolean;

  export interface Session extends EventEmitter {
    readonly socket: Socket;
    readonly bind_transceiver: Send;
    readonly submit_sm: Send;
    readonly enquire_link: Send;
    readonly unbind: Send;
    send(pdu: Pdu): boolean;
    close(): void;
    destroy(): void;
  }

  const smpp: {
    connect(options: Readonly<Record<string, unknown>>): Session;
    readonly errors: Readonly<Record<string, number>>;
    readonly encodings: Readonly<Record<'ASCII' | 'UCS2', { encode(text: string): Uint8Array }>>;
  };
  export default smpp;
}
