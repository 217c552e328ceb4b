// A passkey in software, made from W3C Web Authentication (6.1, 6.5, 8.2, 8.7) and from nothing of
// the server's. Everything it says can be changed, so that a test can lie about it.
import {
  createHash, generateKeyPairSync, randomBytes, sign, type KeyObject,
} from 'node:crypto';

type CborItem = number | string | Buffer | [CborItem, CborItem][];

const head = (major: number, value: number): Buffer => {
  if (value < 24) return Buffer.from([major << 5 | value]);
  if (value < 256) return Buffer.from([major << 5 | 24, value]);
  return Buffer.from([major << 5 | 25, value >> 8, value & 255]);
};
/** RFC 8949, as much of it as an attestation needs; a list of pairs is a map. */
export const cbor = (item: CborItem): Buffer => {
  if (typeof item === 'number') return item < 0 ? head(1, -1 - item) : head(0, item);
  if (typeof item === 'string') return Buffer.concat([head(3, Buffer.byteLength(item)),
    Buffer.from(item)]);
  if (Buffer.isBuffer(item)) return Buffer.concat([head(2, item.length), item]);
  return Buffer.concat([head(5, item.length), ...item.flatMap((pair) => pair.map(cbor))]);
};

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();
const number = (value: number, bytes: number): Buffer => {
  const out = Buffer.alloc(bytes);
  out.writeUIntBE(value, 0, bytes);
  return out;
};

export type Scheme = 'ES256' | 'EdDSA' | 'RS256';
const numbers: Record<Scheme, number> = { ES256: -7, EdDSA: -8, RS256: -257 };

const keysOf = (scheme: Scheme) => {
  if (scheme === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (scheme === 'EdDSA') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
};
/** The public key as COSE has it (RFC 9053, 7). */
const coseOf = (key: KeyObject, scheme: Scheme): Buffer => {
  const jwk = key.export({ format: 'jwk' });
  const part = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url');
  const alg = numbers[scheme];
  if (scheme === 'RS256') return cbor([[1, 3], [3, alg], [-1, part(jwk.n)], [-2, part(jwk.e)]]);
  if (scheme === 'EdDSA') return cbor([[1, 1], [3, alg], [-1, 6], [-2, part(jwk.x)]]);
  return cbor([[1, 2], [3, alg], [-1, 1], [-2, part(jwk.x)], [-3, part(jwk.y)]]);
};

/** What it says where it does not tell the truth. */
export interface Lies {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  crossOrigin?: boolean;
  topOrigin?: string;
  flags?: number;
  count?: number;
  handle?: Buffer | null;
  id?: Buffer;
  form?: string;
  statement?: [CborItem, CborItem][];
  /** Changes the bytes that are signed, after they were. */
  spoil?: 'authenticatorData' | 'clientDataJSON' | 'signature';
}

const present = 0x01;
const verified = 0x04;
const attested = 0x40;

export class SoftPasskey {
  readonly id = randomBytes(32);
  private readonly keys;
  count = 0;

  /** `counts`: whether it counts its signatures; many do not. */
  constructor(
    readonly origin: string,
    readonly scheme: Scheme = 'ES256',
    private readonly counts = true,
  ) {
    this.keys = keysOf(scheme);
  }
  handle: Buffer | null = null;

  private clientData(type: string, challenge: string, lies: Lies): Buffer {
    return Buffer.from(JSON.stringify({
      type: lies.type ?? type, challenge: lies.challenge ?? challenge,
      origin: lies.origin ?? this.origin, crossOrigin: lies.crossOrigin ?? false,
      ...(lies.topOrigin === undefined ? {} : { topOrigin: lies.topOrigin }),
    }));
  }
  private signed(data: Buffer): Buffer {
    return sign(this.scheme === 'EdDSA' ? null : 'sha256', data, this.keys.privateKey);
  }
  private head(rpId: string, flags: number, lies: Lies): Buffer {
    return Buffer.concat([sha256(lies.rpId ?? rpId), number(lies.flags ?? flags, 1),
      number(lies.count ?? this.count, 4)]);
  }

  /** Answers PublicKeyCredentialCreationOptionsJSON. */
  make(options: any, lies: Lies = {}) {
    this.handle = Buffer.from(options.user.id, 'base64url');
    const client = this.clientData('webauthn.create', options.challenge, lies);
    const id = lies.id ?? this.id;
    const data = Buffer.concat([
      this.head(options.rp.id, present | verified | attested, lies), Buffer.alloc(16),
      number(id.length, 2), id, coseOf(this.keys.publicKey, this.scheme),
    ]);
    const form = lies.form ?? 'none';
    const statement = lies.statement ?? (form === 'packed'
      ? [['alg', numbers[this.scheme]], ['sig', this.signed(Buffer.concat([data, sha256(client)]))]]
      : []);
    const object = cbor([['fmt', form], ['attStmt', statement], ['authData', data]]);
    return {
      id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key',
      response: {
        clientDataJSON: client.toString('base64url'),
        attestationObject: object.toString('base64url'), transports: ['internal', 'hybrid'],
      },
    };
  }

  /** Answers PublicKeyCredentialRequestOptionsJSON. */
  use(options: any, lies: Lies = {}) {
    if (this.counts) this.count += 1;
    const client = this.clientData('webauthn.get', options.challenge, lies);
    const data = this.head(options.rpId, present | verified, lies);
    const parts = {
      clientDataJSON: client, authenticatorData: data,
      signature: this.signed(Buffer.concat([data, sha256(client)])),
    };
    if (lies.spoil) {
      const spoilt = Buffer.from(parts[lies.spoil]);
      // Within the counter, the challenge, the signature: what parses still.
      const at = lies.spoil === 'clientDataJSON' ? spoilt.indexOf('challenge') + 20 : 36;
      spoilt[at] = (spoilt[at] ?? 0) ^ 1;
      parts[lies.spoil] = spoilt;
    }
    const handle = lies.handle === undefined ? this.handle : lies.handle;
    const id = (lies.id ?? this.id).toString('base64url');
    return {
      id, rawId: id, type: 'public-key',
      response: {
        ...Object.fromEntries(Object.entries(parts).map(([name, bytes]) =>
          [name, bytes.toString('base64url')])),
        userHandle: handle === null ? null : handle.toString('base64url'),
      },
    };
  }
}
