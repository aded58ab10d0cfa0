import type { CompleteGatewaySettings, VirtualNetworkGateway } from '@causeway/api-contract'
import type { DocumentName, Report } from './configuration-fault.ts'

/** Reports what is asked for and not acted on yet: each part that differs from its default, once. */
export function reportUnserved(
  { properties }: VirtualNetworkGateway,
  { users }: CompleteGatewaySettings,
  inDocument: (document: DocumentName) => Report,
): void {
  const settings = (path: string, deed: string): void =>
    inDocument('settings')(path, `this version does not ${deed} yet`, 'take it out')
  for (const [name, deed] of Object.entries(USER_LIMITS))
    if (users[name as keyof typeof users] > 0) settings(`users.${name}`, deed)
  // What the settings say of groups, and pools for them, cannot be there without the groups themselves.
  if ((properties.virtualNetworkGatewayPolicyGroups ?? []).length > 0)
    inDocument('gateway')(
      'properties.virtualNetworkGatewayPolicyGroups',
      'this version does not put users into policy groups yet',
      'take them out, with the connection configurations and settings that name them',
    )
}

const USER_LIMITS: Readonly<Record<keyof CompleteGatewaySettings['users'], string>> = {
  maximumSeconds: 'end sessions by their age',
  idleSeconds: 'end idle sessions',
  reauthenticationSeconds: 'judge users anew',
  devicesPerUser: 'count the devices of a user',
}
