import {
  asciiBytes,
  type IpAddress,
  parseIpAddress,
  parseIpPrefix,
  prefixSelector,
  type TrafficSelector,
} from '@causeway/wire'
import type { Ikev2Reply } from '../command.ts'
import type { Identification } from '../identification.ts'
import type { Ikev2Request } from '../output.ts'
import type { PeerTerms } from '../peer-terms.ts'

export function address(text: string): IpAddress {
  return parseIpAddress(text) as IpAddress
}

export function network(text: string): TrafficSelector {
  return prefixSelector(parseIpPrefix(text) as NonNullable<ReturnType<typeof parseIpPrefix>>)
}

export function fqdn(name: string): Identification {
  return { type: 'ID_FQDN', number: 2, data: asciiBytes(name) }
}

/** Terms of a tunnel between two networks by pre-shared key, seen from the side of 10.1.0.0/16. */
export const TERMS: PeerTerms = {
  ikeSuites: [{ encryption: 'AES-GCM-16-256', prf: 'HMAC-SHA256', group: 'X25519' }],
  espSuites: [{ encryption: 'AES-GCM-16-256' }],
  own: { type: 'psk', secret: asciiBytes('a secret of both') },
  identification: fqdn('initiator.example'),
  peer: { certificate: false, eap: false, psk: asciiBytes('a secret of both') },
  authorityKeyHashes: [],
  local: [network('10.1.0.0/16')],
  remote: [network('10.2.0.0/16')],
  initialContact: false,
  childless: false,
  mobike: false,
  ikeRekeySeconds: 0,
  ikeLifetimeSeconds: 0,
  childRekeySeconds: 0,
  childLifetimeSeconds: 0,
  childRekeyBytes: 0,
  childRekeyPackets: 0,
  rekeyWithoutGroup: false,
  reauthenticationSeconds: 0,
  livenessSeconds: 0,
  natKeepaliveSeconds: 0,
  fragmentBytes: 1280,
  replayWindow: 64,
  forceEncapsulation: false,
}

/** The same terms, seen from the other side. */
export const RESPONDER_TERMS: PeerTerms = {
  ...TERMS,
  identification: fqdn('responder.example'),
  local: TERMS.remote,
  remote: TERMS.local,
}

/** Lets everyone in. */
export function letIn(request: Ikev2Request): Ikev2Reply | undefined {
  return request.type === 'authenticate'
    ? { type: 'allow', grant: { local: RESPONDER_TERMS.local, remote: RESPONDER_TERMS.remote } }
    : undefined
}

/** Trusts every server. */
export function trust(request: Ikev2Request): Ikev2Reply | undefined {
  return request.type === 'authenticate' ? { type: 'trust' } : undefined
}
