import { Guest } from '../guest/guest.ts'
import { guestPlace, type Site } from '../harness/site-topology.ts'

/** Boots the guest of a site as a router: what comes for others is passed on. */
export async function bootDevice(site: Site): Promise<Guest> {
  const guest = await Guest.boot(guestPlace(site))
  const settings = '/proc/sys/net/ipv4/conf/*/send_redirects /proc/sys/net/ipv4/conf/*/rp_filter'
  await guest.runOk(`for setting in ${settings}; do echo 0 >$setting; done`)
  await guest.runOk('echo 1 | tee /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding')
  return guest
}
