export type { Grant, Ikev2Command, Ikev2Reply } from './command.ts'
export type { ConfigurationReply, ConfigurationRequest } from './configuration-payload.ts'
export { createIkev2, type Ikev2Engine } from './engine/ikev2-engine.ts'
export type { Ikev2Limits, Ikev2Options } from './engine-options.ts'
export type { Identification, IdentificationType } from './identification.ts'
export type {
  ChildDirectionKeys,
  ChildId,
  ChildSaKeys,
  ClientTraits,
  FlowWay,
  Ikev2Output,
  Ikev2Request,
  SessionId,
} from './output.ts'
export { type Path, samePath } from './path.ts'
export type { OwnCredential, PeerAuthentication, PeerTerms } from './peer-terms.ts'
export {
  type AzureEspRow,
  type AzureGroup,
  type AzureIkeRow,
  espSuiteOf,
  ikeSuiteOf,
  P2S_ESP_ROWS,
  P2S_ESP_SUITES,
  P2S_IKE_ROWS,
  P2S_IKE_SUITES,
} from './proposal/azure-policies.ts'
export type {
  AgreedEspSuite,
  EspEncryption,
  EspSuite,
  IkeEncryption,
  IkeSuite,
  Integrity,
  Prf,
} from './proposal/suite.ts'
export type { SessionEvent } from './session-event.ts'
