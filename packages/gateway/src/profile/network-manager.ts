import { formatPem } from '@causeway/x509'
import { credentialName, type PackageFile, type PackageParts } from './package-parts.ts'
import type { SignIn } from './sign-in.ts'

/** Where NetworkManager's profiles look for their certificates: the package's own folder belongs there. */
export const networkManagerFolder = '/etc/NetworkManager/causeway'

/** The PEM files of that folder, the same for every plug-in. */
export function networkManagerCredentials(parts: PackageParts, signIn: SignIn): PackageFile[] {
  const folder = 'NetworkManager/causeway'
  const ca = { path: `${folder}/ca.pem`, content: parts.authority }
  if (signIn.type === 'password') return [ca]
  const { certificate, radiusRoot } = signIn
  const name = credentialName(parts)
  return [
    ca,
    ...(radiusRoot ? [{ path: `${folder}/radius-ca.pem`, content: formatPem(radiusRoot) }] : []),
    ...(certificate
      ? [
          { path: `${folder}/${name}.pem`, content: certificate.pem },
          { path: `${folder}/${name}-key.pem`, content: certificate.privateKey },
        ]
      : []),
  ]
}

/** NM_SETTING_SECRET_FLAG_NOT_SAVED: the user is asked each time. */
export const ASK_FOR_PASSWORD = 2
