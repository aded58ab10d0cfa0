import { DATA_CIPHERS } from '../data-channel.ts'
import { negotiateCipher, negotiatesCiphers } from '../options/cipher-negotiation.ts'
import { optionsDigest } from '../options/options-string.ts'
import type { NegotiatedOptions } from '../push-options.ts'
import type { DataTerms } from '../session/key-agreement.ts'
import type { ClientCapabilities } from './client-capabilities.ts'
import type { OpenVpnServerOptions } from './server-options.ts'

/** What the first key of a session settles for all of it. */
export interface ServerTerms {
  readonly capabilities: ClientCapabilities
  readonly data: DataTerms
  readonly dynamicTlsCrypt: boolean
  /** What is pushed of it; the session adds its peer-id. */
  readonly negotiated: NegotiatedOptions
}

/** The terms for a client with these capabilities; `undefined` when no data cipher is common. */
export function agreeTerms(
  options: OpenVpnServerOptions,
  capabilities: ClientCapabilities,
): ServerTerms | undefined {
  const data = agreeData(options, capabilities)
  if (!data) return undefined
  const dynamicTlsCrypt = capabilities.dynamicTlsCrypt && capabilities.keyExport
  const flags = {
    'cc-exit': capabilities.exitNotify,
    'tls-ekm': capabilities.keyExport,
    'dyn-tls-crypt': dynamicTlsCrypt,
    'aead-epoch': data.format === 'epoch',
  }
  const compression = compressionOption(capabilities)
  const negotiated: NegotiatedOptions = {
    ...(negotiatesCiphers(capabilities.peerInfo) && { cipher: data.cipher }),
    ...(options.pingSeconds > 0 && { pingSeconds: options.pingSeconds }),
    ...(options.pingRestartSeconds > 0 && { pingRestartSeconds: options.pingRestartSeconds }),
    protocolFlags: Object.entries(flags).flatMap(([flag, agreed]) => (agreed ? [flag] : [])),
    ...(compression !== undefined && { compression }),
  }
  return { capabilities, data, dynamicTlsCrypt, negotiated }
}

function agreeData(options: OpenVpnServerOptions, capabilities: ClientCapabilities): DataTerms | undefined {
  const { peerInfo, options: clientOptions, keyExport, dataEpoch, dataV2, compression } = capabilities
  const ownCipher = clientOptions.get('cipher')
  const cipher = negotiateCipher(options.dataCiphers, peerInfo, ownCipher, options.fallbackCipher)
  if (!cipher) return undefined
  const aead = DATA_CIPHERS[cipher].kind === 'aead'
  const epoch = options.epochData && dataEpoch && aead && keyExport && dataV2
  return {
    cipher,
    digest: aead ? undefined : (optionsDigest(clientOptions) ?? options.fallbackDigest),
    format: epoch ? 'epoch' : 'standard',
    derivation: keyExport ? 'export' : 'prf',
    compression,
  }
}

function compressionOption({ compression }: ClientCapabilities): string | undefined {
  switch (compression) {
    case 'none':
      return undefined
    case 'lzo-stub':
      return 'comp-lzo no'
    case 'stub':
      return 'compress stub'
    case 'stub-v2':
      return 'compress stub-v2'
    default:
      return compression satisfies never
  }
}
