/** Header and query names whose values are secrets. */
const secretNames = /^(passcode|login|authorization|cookie|set-cookie|token|access_token|password|secret)$/i;

/** Whether a header or field of this name carries a secret. */
export function isSecretName(name: string): boolean {
  return secretNames.test(name);
}

/** A URL fit for output: user information and secret query values replaced by `***`. */
export function redactUrl(text: string): string {
  return text
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#\s]*@/i, '$1***@')
    .replace(/([?&])([^=&#\s]+)=([^&#\s]*)/g, (whole, mark: string, name: string) =>
      isSecretName(name) ? `${mark}${name}=***` : whole,
    );
}
