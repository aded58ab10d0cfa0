import { createSeededCrypto } from '@causeway/crypto-node/seeded'
import { describe, expect, it } from 'vitest'
import { parsePeerInfo } from '../options/peer-info.ts'
import { serverOptions } from '../testing/duo.suite.ts'
import { answerOptionsString } from './answer-options-string.ts'
import { clientCapabilities } from './client-capabilities.ts'
import type { OpenVpnServerOptions } from './server-options.ts'
import { agreeTerms } from './server-terms.ts'

const OPTIONS_26 =
  'V4,dev-type tun,link-mtu 1549,tun-mtu 1500,proto UDPv4,auth SHA1,keysize 128,key-method 2,tls-client'
const terms = (peerInfo: string, options: string, change: Partial<OpenVpnServerOptions> = {}) =>
  agreeTerms(
    { ...serverOptions(createSeededCrypto(1), () => 0), ...change },
    clientCapabilities(parsePeerInfo(peerInfo), options),
  )

describe('terms', () => {
  it('of OpenVPN 2.6', () => {
    const agreed = terms('IV_VER=2.6.14\nIV_PROTO=990\nIV_CIPHERS=AES-256-GCM:AES-128-GCM', OPTIONS_26)
    expect(agreed?.data).toEqual({
      cipher: 'AES-256-GCM',
      digest: undefined,
      format: 'standard',
      derivation: 'export',
      compression: 'none',
    })
    expect(agreed?.negotiated).toEqual({
      cipher: 'AES-256-GCM',
      pingSeconds: 10,
      pingRestartSeconds: 60,
      protocolFlags: ['cc-exit', 'tls-ekm', 'dyn-tls-crypt'],
    })
  })

  it('of Azure VPN Client: its one-line peer-info, no cipher pushed, the old derivation', () => {
    const peerInfo = 'IV_VER=AzMac IV_PLAT=0.1 IV_PROTO=1 IV_PLAT_VER= IV_PLAT_DEVICE_ID=x64'
    const options =
      'V4,dev-type tun,link-mtu 1500,tun-mtu 1551,proto TCPv4_CLIENT,keydir 1,cipher AES-256-GCM,auth [null-digest],keysize 256,tls-auth,key-method 2,tls-client'
    const agreed = terms(peerInfo, options)
    expect(agreed?.data).toMatchObject({ cipher: 'AES-256-GCM', derivation: 'prf', format: 'standard' })
    expect(agreed?.negotiated).not.toHaveProperty('cipher')
    expect(agreed?.negotiated.protocolFlags).toEqual([])
    expect(agreed?.capabilities.dataV2).toBe(false)
  })

  // Stub framing only for profiles whose options string shows it; the newer kind where it is known.
  it.each([
    ['', '', undefined],
    [',comp-lzo', '', 'comp-lzo no'],
    [',comp-lzo', 'IV_COMP_STUBv2=1', 'compress stub-v2'],
    ['', 'IV_COMP_STUBv2=1', undefined],
  ])('with options %j and peer-info %j push %j', (lzo, stub, pushed) => {
    const agreed = terms(`IV_PROTO=2\nIV_CIPHERS=AES-256-GCM\n${stub}`, `${OPTIONS_26}${lzo}`)
    expect(agreed?.negotiated.compression).toBe(pushed)
  })

  it('take the digest of the options string for CBC, else the fallback', () => {
    const cbc: Partial<OpenVpnServerOptions> = { dataCiphers: ['AES-256-CBC'] }
    expect(terms('IV_CIPHERS=AES-256-CBC', OPTIONS_26, cbc)?.data.digest).toBe('SHA1')
    expect(terms('IV_CIPHERS=AES-256-CBC', 'V4,auth [null-digest]', cbc)?.data.digest).toBe('SHA256')
  })

  it('are none without a common cipher', () => {
    expect(terms('IV_CIPHERS=BF-CBC', OPTIONS_26)).toBeUndefined()
    expect(terms('', 'V4,dev-type tun')).toBeUndefined()
    expect(terms('', 'V4,dev-type tun', { fallbackCipher: 'AES-256-GCM' })?.data.cipher).toBe('AES-256-GCM')
  })
})

it('mirrors the options string', () => {
  expect(answerOptionsString('V4,proto TCPv4_CLIENT,keydir 1,cipher AES-256-GCM,tls-client')).toBe(
    'V4,proto TCPv4_SERVER,keydir 0,cipher AES-256-GCM,tls-server',
  )
})
