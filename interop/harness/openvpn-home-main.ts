import { createNativeDatapath } from '@causeway/datapath'
import { createLog, linuxClientHost, startClient } from '@causeway/gateway'
import { parseProfile } from '@causeway/openvpn'
import type { WordedPlan } from './openvpn-words.ts'
import { servePlans } from './serve-plans.ts'

// Causeway's client role of OpenVPN in the words of other programs.

servePlans<WordedPlan>(({ profile, words }, connected) => {
  const parsed = parseProfile(profile)
  if (parsed.type === 'profile-fault') throw new Error(`line ${parsed.line}: ${parsed.reason}`)
  return startClient({
    profile: { ...parsed.profile, dataCiphers: words.dataCiphers },
    announcement: words.announcement,
    createDatapath: onEvents => createNativeDatapath({ workers: 1, onEvents }),
    host: linuxClientHost(),
    log: createLog('info', false),
    onConnected: connected,
  })
})
