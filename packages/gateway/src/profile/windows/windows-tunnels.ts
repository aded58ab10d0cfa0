import type { EspSuite, IkeSuite } from '@causeway/ikev2'

/** What a Windows connection tries, in this order, and with which suites. */
export type WindowsTunnels =
  | { readonly type: 'sstp' }
  | { readonly type: 'ikev2' | 'ikev2-sstp'; readonly ike: IkeSuite; readonly esp: EspSuite }
