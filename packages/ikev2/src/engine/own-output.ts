import type { Identification } from '../identification.ts'
import type { Ikev2Output, Ikev2Request } from '../output.ts'
import type { SessionEvent } from '../session-event.ts'

/** The output with bytes of its own, where an IKE SA goes on using those it was made with. */
export function ownOutput(output: Ikev2Output): Ikev2Output {
  switch (output.type) {
    case 'request':
      return { ...output, request: ownRequest(output.request) }
    case 'eap-start':
      return { ...output, identification: ownIdentification(output.identification) }
    case 'event':
      return { ...output, event: ownEvent(output.event) }
    default:
      return output
  }
}

function ownRequest(request: Ikev2Request): Ikev2Request {
  switch (request.type) {
    case 'authenticate': {
      const { identification, wanted, peerChain, client } = request
      return {
        ...request,
        identification: ownIdentification(identification),
        wanted: wanted && ownIdentification(wanted),
        peerChain: peerChain.map(certificate => certificate.slice()),
        client: { ...client, vendorIds: client.vendorIds.map(vendorId => vendorId.slice()) },
      }
    }
    case 'psk': {
      const { identification, wanted } = request
      return {
        ...request,
        identification: ownIdentification(identification),
        wanted: wanted && ownIdentification(wanted),
      }
    }
    case 'sign': {
      const { certificate, parts } = request
      return { ...request, certificate: certificate.slice(), parts: parts.map(part => part.slice()) }
    }
    case 'traffic':
      return request
    default:
      return request satisfies never
  }
}

function ownEvent(event: SessionEvent): SessionEvent {
  if (event.type !== 'established') return event
  return { ...event, identification: ownIdentification(event.identification) }
}

function ownIdentification(identification: Identification): Identification {
  return { ...identification, data: identification.data.slice() }
}
