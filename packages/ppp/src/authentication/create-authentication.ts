import type { PppAuthentication } from '../authentication.ts'
import type { Wiring } from '../link/wiring.ts'
import { PROTOCOLS } from '../wire/protocol.ts'
import type { AuthenticationEnd, AuthenticationPart } from './authentication-part.ts'
import { ChapClient } from './chap-client.ts'
import { ChapServer } from './chap-server.ts'
import { EapCarrier } from './eap-carrier.ts'
import { PapClient } from './pap-client.ts'
import { PapServer } from './pap-server.ts'

/** The PPP protocol that each authentication is spoken in. */
export const AUTHENTICATION_PROTOCOLS: Readonly<Record<PppAuthentication, number>> = {
  eap: PROTOCOLS.eap,
  'chap-mschapv2': PROTOCOLS.chap,
  pap: PROTOCOLS.pap,
}

/** The part that speaks what LCP has agreed on. */
export function createAuthentication(
  method: PppAuthentication,
  wiring: Wiring,
  end: AuthenticationEnd,
): AuthenticationPart {
  const { options } = wiring
  switch (method) {
    case 'eap':
      return new EapCarrier(wiring, end)
    case 'chap-mschapv2':
      return options.role === 'server'
        ? new ChapServer(wiring, end, options.name)
        : new ChapClient(wiring, end)
    case 'pap':
      return options.role === 'server' ? new PapServer(wiring, end) : new PapClient(wiring, end)
    default:
      return method satisfies never
  }
}
