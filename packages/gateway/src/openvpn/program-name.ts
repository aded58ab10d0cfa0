/** Of each word: a name and a version, and no room for a message to who reads it. */
const WORD_CHARACTERS = 40

/**
 * What a client calls itself: its user interface, if it has one, OpenVPN and the system. The user reads it on the page
 * that is to tell them who asks, so that it has the characters of names and versions alone.
 */
export function programOf(peerInfo: ReadonlyMap<string, string>): string {
  const version = peerInfo.get('IV_VER')
  const openvpn = version === undefined ? undefined : `OpenVPN ${version}`
  const words = [peerInfo.get('IV_GUI_VER'), openvpn, peerInfo.get('IV_PLAT')]
  return words.flatMap(word => (word ? [shortened(word)] : [])).join(', ')
}

function shortened(word: string): string {
  return word.replace(/[^A-Za-z0-9 ._+()-]/g, '?').slice(0, WORD_CHARACTERS)
}
