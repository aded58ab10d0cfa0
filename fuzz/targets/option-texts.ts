import {
  formatChallengeAnswer,
  formatControlMessage,
  formatDynamicChallenge,
  formatOptionsString,
  formatPeerInfo,
  formatPendingMessage,
  formatPushReply,
  formatStaticChallenge,
  negotiateCipher,
  parseControlMessage,
  parseDynamicChallenge,
  parseOptionsString,
  parsePeerInfo,
  parsePendingMessage,
  parsePushReply,
  pendingMethods,
  readChallengeAnswer,
  readStaticChallenge,
} from '@causeway/openvpn'
import { allowing, type FuzzTarget, inputText, requireSame, textSeeds } from '../target.ts'

const peerInfo: FuzzTarget = {
  name: 'peer-info',
  seeds: () =>
    textSeeds([
      'IV_VER=2.6.14\nIV_PLAT=linux\nIV_NCP=2\nIV_CIPHERS=AES-256-GCM:AES-128-GCM\nIV_PROTO=990\nUV_A=b\n',
      'IV_VER=AzMac IV_PLAT=0.1 IV_PROTO=1 IV_PLAT_VER= IV_PLAT_DEVICE_ID=x64',
    ]),
  run: input => {
    const info = parsePeerInfo(inputText(input))
    requireSame(parsePeerInfo(formatPeerInfo(info)), info, 'peer-info written and read again')
    pendingMethods(info)
    negotiateCipher(['AES-256-GCM', 'AES-128-GCM'], info, info.get('IV_VER'))
  },
}

const optionsString: FuzzTarget = {
  name: 'options-string',
  seeds: () => textSeeds(['V4,dev-type tun,link-mtu 1500,proto TCPv4_CLIENT,cipher AES-256-GCM,tls-client']),
  run: input => {
    const options = parseOptionsString(inputText(input))
    const text = allowing([RangeError], () => formatOptionsString(options))
    if (text !== undefined) requireSame(parseOptionsString(text), options, 'an options string read again')
  },
}

/** One message a line. What was understood and may be written is understood again. */
const pushReplies: FuzzTarget = {
  name: 'push-replies',
  seeds: () =>
    textSeeds([
      'PUSH_REPLY,topology subnet,route-gateway 10.8.0.1,ifconfig 10.8.0.2 255.255.255.0,peer-id 1',
      'PUSH_REPLY,ifconfig 10.8.0.6 10.8.0.5,ping 10,push-continuation 2\nPUSH_REPLY,route 10.0.0.0 255.0.0.0',
      'PUSH_REPLY,ifconfig-ipv6 fd00::2/64 fd00::1,route-ipv6 fd01::/48,redirect-gateway def1 ipv6',
      'PUSH_REPLY,dhcp-option DNS 10.0.0.53,dhcp-option DOMAIN-SEARCH a.example,tun-mtu 1400',
      'PUSH_REPLY,dns server 0 address 10.0.0.53 fd00::53,dns search-domains a.example',
      'PUSH_REPLY,cipher AES-256-GCM,protocol-flags cc-exit tls-ekm,key-derivation tls-ekm,comp-lzo no',
      'PUSH_REPLY,auth-token SESS_ID_AT_abc=,auth-token-user QW5uYSBNw7xsbGVy',
    ]),
  run: input => {
    const reply = parsePushReply(inputText(input).split('\n'))
    if ('kind' in reply) return
    const client = { dnsOption: false, mtu: 65_535 }
    const messages = allowing([RangeError], () => formatPushReply(reply.options, client, reply.authToken))
    if (messages) requireSame(parsePushReply(messages), { ...reply, ignored: [] }, 'a push read again')
  },
}

const controlMessages: FuzzTarget = {
  name: 'control-messages',
  seeds: () =>
    textSeeds([
      'PUSH_REQUEST',
      'PUSH_REPLY,ping 1',
      'AUTH_FAILED,TEMP[backoff 42,advance no]:later',
      'RESTART,[N]draining',
      'HALT,x',
      'INFO_PRE,WEB_AUTH::https://x.example/',
      'AUTH_PENDING,timeout 120',
      'CR_RESPONSE,aGVsbG8=',
    ]),
  run: input => {
    const text = inputText(input)
    const message = parseControlMessage(text)
    if ('kind' in message || text.length > 256) return
    const again = parseControlMessage(formatControlMessage(message))
    requireSame(again, message, 'a message written and read again')
  },
}

const pendingMessages: FuzzTarget = {
  name: 'pending-messages',
  seeds: () =>
    textSeeds([
      'WEB_AUTH:external,hidden:https://vpn.example/s/1?a=b',
      'WEB_AUTH:proxy=[::1];80;dQ==;cA==:https://vpn.example/',
      'OPEN_URL:http://[2001:db8::1]/',
      'CR_TEXT:R,E:Code?',
    ]),
  run: input => {
    const message = parsePendingMessage(inputText(input))
    const text = message && allowing([RangeError], () => formatPendingMessage(message))
    if (message?.type === 'challenge-text' || text === undefined) return
    requireSame(parsePendingMessage(text), message, 'a pending message written and read again')
  },
}

/** Passwords of clients, and a server's reason for refusal. */
const challenges: FuzzTarget = {
  name: 'challenges',
  seeds: () =>
    textSeeds([
      'CRV1:R,E:Om01u7Fh4LrGBS7uh0SWmzwabUiGiW6l:Y3Ix:Please enter token PIN',
      'CRV1::Om01u7Fh4LrGBS7uh0SWmzwabUiGiW6l::8675309',
      'SCRV1:YmFy:ODY3NTMwOQ==',
    ]),
  run: input => {
    const text = inputText(input)
    const asked = parseDynamicChallenge(text)
    const reason = asked && allowing([RangeError], () => formatDynamicChallenge(asked))
    if (reason !== undefined) requireSame(parseDynamicChallenge(reason), asked, 'a challenge read again')
    const answer = readChallengeAnswer(text)
    if (answer) requireSame(formatChallengeAnswer(answer.stateId, answer.response), text, 'an answer written')
    const both = readStaticChallenge(text)
    if (both) requireSame(readStaticChallenge(formatStaticChallenge(both)), both, 'a password read again')
  },
}

export const optionTexts: readonly FuzzTarget[] = [
  peerInfo,
  optionsString,
  pushReplies,
  controlMessages,
  pendingMessages,
  challenges,
]
