import type { PackageFile, PackageParts } from './package-parts.ts'
import type { SignIn } from './sign-in.ts'

/** Where NetworkManager's profiles look for their certificates: the package's own folder belongs there. */
export const networkManagerFolder = '/etc/NetworkManager/causeway'

/** The PEM files of that folder, the same for every plug-in. */
export function networkManagerCredentials(
  { authority, clientName }: PackageParts,
  signIn: SignIn,
): PackageFile[] {
  const folder = 'NetworkManager/causeway'
  const ca = { path: `${folder}/ca.pem`, content: authority }
  if (signIn.type === 'password') return [ca]
  const { pem, privateKey } = signIn.certificate
  return [
    ca,
    { path: `${folder}/${clientName}.pem`, content: pem },
    { path: `${folder}/${clientName}-key.pem`, content: privateKey },
  ]
}

/** NM_SETTING_SECRET_FLAG_NOT_SAVED: the user is asked each time. */
export const ASK_FOR_PASSWORD = 2
