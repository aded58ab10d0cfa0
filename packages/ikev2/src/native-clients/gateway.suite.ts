import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import type { Instant } from '@causeway/engine'
import { asciiBytes, parseIpPrefix } from '@causeway/wire'
import type { Credential } from '../auth/credentials.suite.ts'
import type { Grant, Ikev2Command, Ikev2Reply } from '../command.ts'
import { createIkev2, type Ikev2Engine } from '../engine/ikev2-engine.ts'
import type { Ikev2Output, Ikev2Request } from '../output.ts'
import type { Path } from '../path.ts'
import type { PeerTerms } from '../peer-terms.ts'
import { FakeGateway } from '../testing/fake-gateway.ts'
import { ESP_SUITES, IKE_SUITES } from '../testing/policies.suite.ts'
import { address, fqdn, network, TERMS } from '../testing/terms.suite.ts'

type EapOutput = Extract<Ikev2Output, { readonly type: `eap-${string}` }>

/** What an EAP method leaves at both ends. */
export const MSK: Uint8Array = new Uint8Array(64).fill(7)
export const EAP_IDENTITY = 1
export const EAP_TLS = 13

/** What every client gets: one IPv4 address, and one IPv6 address if it asks. */
export const LEASE = ['10.8.0.2/32', 'fd08::2/128'] as const
/** What is behind the gateway: IPv6 whole, as Apple's clients want it. */
export const INSIDE = ['10.1.0.0/16', '10.8.0.1/32', '::/0'] as const

/**
 * A responder as the gateway runs one for native clients, with Azure's policies: it lets in whoever has proved
 * anything, and plays an EAP method of two rounds, identity and one more.
 */
export class NativeGateway {
  readonly engine: Ikev2Engine
  readonly around: FakeGateway
  now: Instant = 0

  constructor(credential: Credential, changes: Partial<PeerTerms> = {}) {
    const terms = { ...gatewayTerms(credential), ...changes }
    this.engine = createIkev2({ crypto: createSeededCrypto('native gateway'), responder: () => terms })
    this.around = new FakeGateway(request => credential.sign(request) ?? decide(request))
  }

  /** Hands it a datagram and gives what it sends. */
  hear(bytes: Uint8Array, path: Path): Uint8Array[] {
    this.engine.handleDatagram({ path, bytes }, this.now)
    return this.#act()
  }

  command(command: Ikev2Command): Uint8Array[] {
    this.engine.handleCommand(command, this.now)
    return this.#act()
  }

  /** The Child SA's number, as the engine names its flow. Errors: `Error` when there is not one flow. */
  get child(): number {
    const [child, ...more] = this.around.flows.keys()
    if (child === undefined || more.length > 0) throw new Error(`${this.around.flows.size} flows, not one`)
    return child
  }

  #act(): Uint8Array[] {
    const sent: Uint8Array[] = []
    const actions = {
      send: (bytes: Uint8Array) => void sent.push(bytes),
      command: (command: Ikev2Command) => this.engine.handleCommand(command, this.now),
    }
    for (let output = this.engine.poll(); output; output = this.engine.poll())
      if (output.type === 'eap-start' || output.type === 'eap-packet') actions.command(converse(output))
      else this.around.handle(output, actions)
    return sent
  }
}

function converse(output: Exclude<EapOutput, { readonly type: 'eap-close' }>): Ikev2Command {
  const { session } = output
  if (output.type === 'eap-start')
    return { type: 'eap-packet', session, packet: Uint8Array.of(1, 1, 0, 5, EAP_IDENTITY) }
  const [, identifier = 0, , , type] = output.packet
  if (type === EAP_IDENTITY) {
    // The flag S: start.
    const packet = Uint8Array.of(1, identifier + 1, 0, 6, EAP_TLS, 0x20)
    return { type: 'eap-packet', session, packet }
  }
  return { type: 'eap-success', session, packet: Uint8Array.of(3, identifier, 0, 4), msk: MSK }
}

function decide(request: Ikev2Request): Ikev2Reply | undefined {
  if (request.type !== 'authenticate') return undefined
  return { type: 'allow', grant: grantFor(request.configuration?.ipv6 ?? false) }
}

function grantFor(ipv6: boolean): Grant {
  const ofFamily = (prefixes: readonly string[]) =>
    prefixes.filter(prefix => ipv6 || !prefix.includes(':')).map(network)
  return {
    configuration: {
      ipv4: address('10.8.0.2'),
      ...(ipv6 && { ipv6: { address: address('fd08::2'), prefixLength: 128 } }),
      dnsServers: [address('10.1.0.53')],
      dnsDomains: ['corp.example'],
      subnets: [parseIpPrefix('10.1.0.0/16')].flatMap(prefix => prefix ?? []),
    },
    local: ofFamily(INSIDE),
    remote: ofFamily(LEASE),
  }
}

function gatewayTerms(credential: Credential): PeerTerms {
  return {
    ...TERMS,
    ikeSuites: IKE_SUITES,
    espSuites: ESP_SUITES,
    own: credential.own(),
    identification: fqdn('gateway.example'),
    otherIdentifications: [{ type: 'ID_FQDN', number: 2, data: asciiBytes('vpn.example') }],
    peer: { certificate: true, eap: true },
    authorityKeyHashes: [new Uint8Array(20).fill(1)],
    local: [],
    remote: [],
    mobike: true,
    rekeyWithoutGroup: true,
  }
}
