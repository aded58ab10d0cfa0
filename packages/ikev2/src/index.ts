export type { Grant, Ikev2Command, Ikev2Reply, RevisedTerms } from './command.ts'
export type { ConfigurationReply, ConfigurationRequest } from './configuration-payload.ts'
export { createIkev2, type Ikev2Engine } from './engine/ikev2-engine.ts'
export type { Ikev2Limits, Ikev2Options } from './engine-options.ts'
export {
  addressIdentification,
  distinguishedNameIdentification,
  type Identification,
  type IdentificationType,
  mailIdentification,
  nameIdentification,
  sameIdentification,
} from './identification.ts'
export type { ChildId, SessionId } from './ids.ts'
export type {
  ChildDirectionKeys,
  ChildSaKeys,
  ClientTraits,
  FlowWay,
  Ikev2Output,
  Ikev2Request,
} from './output.ts'
export { type Path, samePath } from './path.ts'
export type { OwnCredential, PeerAuthentication, PeerTerms, SessionTerms } from './peer-terms.ts'
export {
  chosenEspProposal,
  type EspChoice,
  type EspNegotiation,
  type EspOffer,
  espProposals,
  readChosenEspSuite,
  selectEspSuite,
} from './proposal/esp-proposals.ts'
export {
  chosenIkeProposal,
  type IkeChoice,
  type IkeNegotiation,
  ikeProposals,
  readChosenIkeSuite,
  selectIkeSuite,
} from './proposal/ike-proposals.ts'
export { formatProposals, formatSuite, formatSuites } from './proposal/proposal-text.ts'
export type {
  AgreedEspSuite,
  EspEncryption,
  EspSuite,
  IkeEncryption,
  IkeSuite,
  Integrity,
  Prf,
} from './proposal/suite.ts'
export { groupName, groupNumber } from './proposal/transform-ids.ts'
export { authOctets, sharedKeyAuth } from './protection/auth-octets.ts'
export { type ChildKeys, deriveChildKeys } from './protection/child-keys.ts'
export {
  deriveIkeKeys,
  deriveRekeyedIkeKeys,
  type IkeKeys,
  type KeyInputs,
} from './protection/ike-keys.ts'
export {
  type Fragment,
  type Fragmentation,
  MessageProtection,
  type Opened,
  type OpenedWhole,
} from './protection/message-protection.ts'
export { Reassembly } from './protection/reassembly.ts'
export type { SessionEvent } from './session-event.ts'
export {
  HEADER_BYTES,
  type ReceivedHeader,
  readIkeHeader,
  writeInvalidMajorVersion,
  writeMessage,
} from './wire/header.ts'
export * from './wire/numbers.ts'
export type {
  ConfigurationAttribute,
  IkeHeader,
  IkeMessage,
  Payload,
  PayloadFault,
  PayloadOf,
  Proposal,
  Transform,
} from './wire/payload.ts'
export { readPayloads, type WrittenPayloads, writePayloads } from './wire/payloads.ts'
