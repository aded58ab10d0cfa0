import { createTlsCryptV2ServerKey, STATIC_KEY_BYTES } from '@causeway/openvpn'
import { formatPem, type Issuer } from '@causeway/x509'
import type { GatewayIdentity } from '../configuration.ts'
import { type Installation, SECRETS } from './installation.ts'
import { ensureRadiusCertificate } from './radius-certificate.ts'
import type { ServerCertificate } from './server-certificate.ts'
import { readSecret } from './stored.ts'

/** The gateway as it shows itself: this certificate, and what else it needs, made the first time. */
export async function ensureIdentity(
  installation: Installation,
  authority: Issuer,
  server: ServerCertificate,
): Promise<GatewayIdentity> {
  const { chain, privateKey, name } = server
  const { crypto } = installation
  const staticKey = (): Uint8Array => crypto.random(STATIC_KEY_BYTES)
  const v2Key = (): Uint8Array => createTlsCryptV2ServerKey(crypto)
  return {
    certificateChain: chain.map(der => formatPem(der)).join(''),
    serverName: name,
    privateKey,
    radius: await ensureRadiusCertificate(installation, authority, server),
    tlsAuthKey: await readSecret(installation, SECRETS.tlsAuthKey, staticKey),
    tlsCryptKey: await readSecret(installation, SECRETS.tlsCryptKey, staticKey),
    tlsCryptV2ServerKey: await readSecret(installation, SECRETS.tlsCryptV2ServerKey, v2Key),
  }
}
