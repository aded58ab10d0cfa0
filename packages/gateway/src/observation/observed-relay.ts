import type { PeerPlace, Verdict } from '../authentication/identity.ts'
import type { SignInRelay } from '../eap/sign-in-relay.ts'
import type { GatewayObserver } from './gateway-observer.ts'

/** A relay whose refusals are counted: a peer that it refuses never comes to the gateway's door. */
export function observedRelay(
  relay: SignInRelay,
  { tunnel }: PeerPlace,
  observer: GatewayObserver,
): SignInRelay {
  const count = (verdict: Verdict): void => {
    if (verdict.type === 'deny') observer.signedIn(tunnel, 'radius', verdict)
  }
  return {
    async forward(packet, identity) {
      const answer = await relay.forward(packet, identity)
      if (answer.type === 'judged') count(answer.verdict)
      return answer
    },
    async mschapv2(attempt) {
      const judged = await relay.mschapv2(attempt)
      count(judged.verdict)
      return judged
    },
    close: () => relay.close(),
  }
}
