export { concatBytes, sameBytes } from './bytes.ts'
export { checksumPartial, internetChecksum } from './checksum.ts'
export { type Endpoint, formatEndpoint, sameEndpoint } from './endpoint.ts'
export {
  formatIpAddress,
  type IpAddress,
  ipAddress,
  ipAddressFromInteger,
  ipAddressToInteger,
  parseIpAddress,
  sameIpAddress,
} from './ip-address.ts'
export {
  addressBits,
  formatIpPrefix,
  formatNetmask,
  type IpPrefix,
  ipPrefix,
  parseIpPrefix,
  prefixContains,
  prefixesOverlap,
} from './ip-prefix.ts'
export {
  type PcapngInterface,
  type PcapngLinkType,
  type PcapngPacket,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
} from './pcapng.ts'
export { Reader } from './reader.ts'
export { asciiBytes, formatHex, parseHex, utf8Bytes, utf8Text } from './text.ts'
export {
  compareIpAddresses,
  formatTrafficSelector,
  intersectSelectors,
  prefixSelector,
  sameSelector,
  selectorContains,
  type TrafficSelector,
} from './traffic-selector.ts'
export { catchFault, WireFault, type WireFaultKind } from './wire-fault.ts'
export { Writer } from './writer.ts'
