// Passkeys between the server's JSON (W3C Web Authentication, 5.1) and the browser's interface.
// Used by the page that logs in, and by the console.

const bytesOf = (text) => {
  const base64 = text.replace(/-/g, '+').replace(/_/g, '/');
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
};

const textOf = (bytes) => {
  if (!bytes) return null;
  const letters = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');
  return btoa(letters).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
};

const described = (list) => (list ?? []).map((one) => ({ ...one, id: bytesOf(one.id) }));

const json = (credential, response) => ({
  id: credential.id,
  rawId: textOf(credential.rawId),
  type: credential.type,
  response: { clientDataJSON: textOf(credential.response.clientDataJSON), ...response },
});

/** Browsers have them on pages of a host name, got over TLS. */
export const hasPasskeys = () =>
  globalThis.PublicKeyCredential !== undefined && !/^[\d.]+$|^\[/.test(location.hostname);

/** Makes one; the options are the server's. Rejects when the person does not want to. */
export const makePasskey = async (options) => {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      user: { ...options.user, id: bytesOf(options.user.id) },
      excludeCredentials: described(options.excludeCredentials),
    },
  });
  return json(made, {
    attestationObject: textOf(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
};

/** Uses one; likewise. */
export const usePasskey = async (options) => {
  const used = await navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      allowCredentials: described(options.allowCredentials),
    },
  });
  return json(used, {
    authenticatorData: textOf(used.response.authenticatorData),
    signature: textOf(used.response.signature),
    userHandle: textOf(used.response.userHandle),
  });
};
