import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { LanewayError, messageOf } from '../../models/base/errors.ts';

/** A secret that shows itself only when asked: printed, logged or serialised it is `***`. */
export interface Secret {
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

export function secretOf(text: string): Secret {
  return Object.freeze({ reveal: () => text, toString: () => '***', toJSON: () => '***' });
}

/** Where a secret is; never the secret itself. */
export const SecretRef = z.union(
  [
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
    z.strictObject({ file: z.string().min(1) }),
  ],
  'must be { env: NAME } or { file: PATH }: secrets are not written into this file',
);
export type SecretRef = z.infer<typeof SecretRef>;

/**
 * Reads a secret; a file's trailing line break does not belong to it.
 *
 * @param where the field that names it, for the error
 * @throws LanewayError `SECRET_MISSING`; never with the secret in it
 */
export function readSecret(
  ref: SecretRef,
  where: string,
  env: Readonly<Record<string, string | undefined>>,
): Secret {
  if ('env' in ref) {
    const text = env[ref.env];
    if (text) return secretOf(text);
    throw new LanewayError('SECRET_MISSING', `${where}: the environment variable ${ref.env} is not set`, {
      where,
      fix: `Set ${ref.env} and start again.`,
    });
  }
  try {
    const text = readFileSync(ref.file, 'utf8').replace(/\r?\n$/, '');
    if (text !== '') return secretOf(text);
  } catch (error) {
    throw new LanewayError('SECRET_MISSING', `${where}: ${ref.file} cannot be read: ${messageOf(error)}`, {
      where,
      fix: 'Name a file that this user may read.',
    });
  }
  throw new LanewayError('SECRET_MISSING', `${where}: ${ref.file} is empty`, {
    where,
    fix: 'Write the secret into it.',
  });
}
