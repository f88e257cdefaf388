import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { makeSecret } from './secret-file.ts';

/** An Ed25519 key that signs. */
export interface SigningKey {
  /** 16 hex digits of SHA-256 over the public key. */
  readonly keyId: string;
  /** PEM (SPKI). */
  readonly publicKey: string;
  /** Signature of the text's UTF-8 bytes, lower-case hex. */
  sign(text: string): string;
}

/** Public keys whose signatures count, by id. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

const idOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

/** Is this the key's signature of the text? Only its one way of writing counts. */
export function isSignedBy(key: KeyObject, text: string, signature: string): boolean {
  if (!/^[0-9a-f]{128}$/.test(signature)) return false;
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'hex'));
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: idOf(publicKey),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString('hex'),
  };
}

/** A key made for the moment, kept nowhere. */
export const createSigningKey = (): SigningKey => signingKeyOf(generateKeyPairSync('ed25519').privateKey);

/**
 * The signing key in a file (PEM, mode 600), made there if it may be; the public half goes beside it as `.pub`.
 *
 * @throws LanewayError `SIGNING_KEY_MISSING`, `SIGNING_KEY_UNREADABLE`
 */
export function openSigningKey(file: string, mayMake: boolean): SigningKey {
  try {
    if (!existsSync(file)) {
      if (!mayMake) {
        throw new LanewayError('SIGNING_KEY_MISSING', 'there is no signing key', {
          where: file,
          fix: 'Name the file of an Ed25519 private key (PEM).',
        });
      }
      make(file);
    }
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType !== 'ed25519')
      throw new TypeError(`it is ${key.asymmetricKeyType}, not ed25519`);
    chmodSync(file, 0o600);
    return signingKeyOf(key);
  } catch (error) {
    if (error instanceof LanewayError) throw error;
    throw unreadable(file, error);
  }
}

/** The public half is that of whichever key came to stay. */
function make(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = makeSecret(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trimEnd());
  writeFileSync(`${file}.pub`, signingKeyOf(createPrivateKey(pem)).publicKey);
}

/**
 * Public keys (`*.pub`, PEM) of a folder and those given.
 *
 * @throws LanewayError `SIGNING_KEY_UNREADABLE`
 */
export function trustedKeys(dir: string | undefined, more: readonly SigningKey[] = []): TrustedKeys {
  const keys = new Map<string, KeyObject>();
  for (const { keyId, publicKey } of more) keys.set(keyId, createPublicKey(publicKey));
  if (dir === undefined || !existsSync(dir)) return keys;
  for (const name of readdirSync(dir).filter((file) => file.endsWith('.pub'))) {
    const file = join(dir, name);
    try {
      const key = createPublicKey(readFileSync(file));
      if (key.asymmetricKeyType !== 'ed25519')
        throw new TypeError(`it is ${key.asymmetricKeyType}, not ed25519`);
      keys.set(idOf(key), key);
    } catch (error) {
      throw unreadable(file, error);
    }
  }
  return keys;
}

function unreadable(file: string, error: unknown): LanewayError {
  return new LanewayError('SIGNING_KEY_UNREADABLE', `a signing key cannot be used: ${messageOf(error)}`, {
    where: file,
    fix: 'Put an Ed25519 key in PEM there, or remove the file.',
    cause: error,
  });
}
