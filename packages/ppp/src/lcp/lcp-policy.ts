import { sameBytes } from '@causeway/wire'
import type { PppAuthentication } from '../authentication.ts'
import { DEFAULT_MRU, LEAST_PEER_MRU, LOOPED_MAGIC_NUMBERS, MRU_RANGE } from '../limits.ts'
import type { PppOptions } from '../link-options.ts'
import { type OptionPolicy, type Verdict, verdictOf } from '../negotiation/option-policy.ts'
import type { Option } from '../wire/option.ts'
import { AuthenticationOffer } from './authentication-offer.ts'
import {
  authenticationOption,
  flagOption,
  LCP_OPTIONS,
  MAGIC_BYTES,
  MAP_BYTES,
  magicOption,
  mruOption,
  readAuthentication,
  readMru,
} from './lcp-option.ts'

/** What the peer has asked for and we have granted. */
export interface PeerTerms {
  readonly mru: number
  readonly compressProtocol: boolean
  readonly compressAddressControl: boolean
  /** What a server wants of us. */
  readonly authentication: PppAuthentication | undefined
}

const NO_MAGIC = new Uint8Array(MAGIC_BYTES)
const LOOPED = 'the link is looped back: our own magic number comes from it'

/** LCP's options (RFC 1661 §6). */
export class LcpPolicy implements OptionPolicy {
  readonly #options: PppOptions
  readonly #offer: AuthenticationOffer | undefined
  readonly #left = new Set<number>()
  #mru: number
  #magic: Uint8Array
  #looped = 0
  peer: PeerTerms = termsOf([])

  constructor(options: PppOptions) {
    this.#options = options
    this.#mru = options.mru
    this.#offer = options.role === 'server' ? new AuthenticationOffer(options.authentication) : undefined
    this.#magic = this.#newMagic()
  }

  /** Ours, for echoes: zero when the peer does not want one (RFC 1661 §5.8). */
  get magic(): Uint8Array {
    return this.hasMagic ? this.#magic : NO_MAGIC
  }

  /** What both ends have agreed on; the server's word. */
  get authentication(): PppAuthentication | undefined {
    return this.#offer ? this.#offer.method : this.peer.authentication
  }

  /** Whether a magic number tells our requests from all others. */
  get hasMagic(): boolean {
    return !this.#left.has(LCP_OPTIONS.magicNumber)
  }

  /** Whether a magic number from the link is our own. */
  isOwnMagic(magic: Uint8Array): boolean {
    return sameBytes(magic, this.magic) && !sameBytes(magic, NO_MAGIC)
  }

  ask(): readonly Option[] {
    const options = [
      mruOption(this.#mru),
      ...(this.#offer ? [authenticationOption(this.#offer.method)] : []),
      magicOption(this.#magic),
      flagOption(LCP_OPTIONS.protocolCompression),
      flagOption(LCP_OPTIONS.addressControlCompression),
    ]
    return options.filter(({ type }) => !this.#left.has(type))
  }

  judge(options: readonly Option[]): Verdict {
    const rejects: Option[] = []
    const naks: Option[] = []
    const seen = new Set<number>()
    let vital: string | undefined
    for (const option of options) {
      const wish = this.#wish(option)
      if (wish === 'none' || seen.has(option.type)) rejects.push(option)
      else if (wish) naks.push(wish)
      seen.add(option.type)
    }
    if (this.#lacksAuthentication(naks, seen)) vital = 'no authentication in common'
    if (this.#looped > LOOPED_MAGIC_NUMBERS) vital = LOOPED
    const verdict = verdictOf({ rejects, naks, vital })
    if (verdict.type === 'ack') this.peer = termsOf(options)
    return verdict
  }

  acknowledged(): undefined {}

  suggested(options: readonly Option[]): string | undefined {
    for (const option of options) {
      const reason = this.#adopt(option)
      if (reason !== undefined) return reason
    }
    return undefined
  }

  rejected(options: readonly Option[]): string | undefined {
    for (const { type } of options) {
      if (type === LCP_OPTIONS.authentication) return 'the peer does not want to authenticate itself'
      this.#left.add(type)
    }
    return undefined
  }

  /** What we would have instead of an option: itself is fine when `undefined`, and `none` for nothing. */
  #wish(option: Option): Option | 'none' | undefined {
    switch (option.type) {
      case LCP_OPTIONS.mru: {
        const mru = readMru(option)
        if (mru === undefined) return mruOption(DEFAULT_MRU)
        return mru < LEAST_PEER_MRU ? mruOption(LEAST_PEER_MRU) : undefined
      }
      case LCP_OPTIONS.controlCharacterMap:
        return option.data.length === MAP_BYTES ? undefined : 'none'
      case LCP_OPTIONS.authentication:
        return this.#wishOfAuthentication(option)
      case LCP_OPTIONS.magicNumber:
        return this.#wishOfMagic(option)
      case LCP_OPTIONS.protocolCompression:
      case LCP_OPTIONS.addressControlCompression:
        return option.data.length === 0 ? undefined : flagOption(option.type)
      default:
        return 'none'
    }
  }

  /** A server proves itself by what carries the link, never to a peer that asks for it here. */
  #wishOfAuthentication(option: Option): Option | 'none' | undefined {
    if (this.#offer) return 'none'
    const method = readAuthentication(option)
    const { authentication } = this.#options
    if (method && authentication.includes(method)) return undefined
    return authenticationOption(authentication[0] as PppAuthentication)
  }

  #wishOfMagic({ data }: Option): Option | undefined {
    const isOwn = this.isOwnMagic(data)
    if (isOwn) this.#looped++
    const isFine = data.length === MAGIC_BYTES && !isOwn && !sameBytes(data, NO_MAGIC)
    return isFine ? undefined : magicOption(this.#newMagic())
  }

  /** A client does not go where nobody asks who it is; adds what it would be asked. */
  #lacksAuthentication(naks: Option[], seen: ReadonlySet<number>): boolean {
    if (this.#offer) return false
    if (!seen.has(LCP_OPTIONS.authentication))
      naks.push(authenticationOption(this.#options.authentication[0] as PppAuthentication))
    return naks.some(({ type }) => type === LCP_OPTIONS.authentication)
  }

  #adopt(option: Option): string | undefined {
    switch (option.type) {
      case LCP_OPTIONS.mru: {
        const mru = readMru(option) ?? 0
        if (mru >= MRU_RANGE.least && mru <= this.#options.mru) this.#mru = mru
        return undefined
      }
      case LCP_OPTIONS.authentication:
        return this.#offer?.refused(readAuthentication(option))
      case LCP_OPTIONS.magicNumber:
        this.#magic = this.#newMagic()
        return ++this.#looped > LOOPED_MAGIC_NUMBERS ? LOOPED : undefined
      case LCP_OPTIONS.protocolCompression:
      case LCP_OPTIONS.addressControlCompression:
        this.#left.add(option.type)
        return undefined
      default:
        return undefined
    }
  }

  /** Never zero, which stands for none. */
  #newMagic(): Uint8Array {
    const magic = this.#options.crypto.random(MAGIC_BYTES)
    magic[0] = (magic[0] as number) | 1
    return magic
  }
}

function termsOf(options: readonly Option[]): PeerTerms {
  const find = (type: number) => options.find(option => option.type === type)
  const mru = find(LCP_OPTIONS.mru)
  const authentication = find(LCP_OPTIONS.authentication)
  return {
    mru: (mru && readMru(mru)) ?? DEFAULT_MRU,
    compressProtocol: find(LCP_OPTIONS.protocolCompression) !== undefined,
    compressAddressControl: find(LCP_OPTIONS.addressControlCompression) !== undefined,
    authentication: authentication && readAuthentication(authentication),
  }
}
