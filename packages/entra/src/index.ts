/** Validation of access tokens of Entra ID and other OpenID providers. */
export {}
