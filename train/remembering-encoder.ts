import type { Encoder } from '../models/encoder/encoder.ts';

/** An encoder that encodes each text once: several models that are asked about the same texts share the vectors. */
export function rememberingEncoder(encoder: Encoder): Encoder {
  const known = new Map<string, Float32Array>();
  const { dimensions } = encoder;
  return {
    id: encoder.id,
    dimensions,
    close: () => encoder.close(),
    encode: async (texts, options) => {
      const missing = [...new Set(texts)].filter((text) => !known.has(text));
      if (missing.length > 0) {
        const vectors = await encoder.encode(missing, options);
        missing.forEach((text, index) => {
          known.set(text, vectors.slice(index * dimensions, (index + 1) * dimensions));
        });
      }
      const out = new Float32Array(texts.length * dimensions);
      texts.forEach((text, index) => {
        out.set(known.get(text)!, index * dimensions);
      });
      return out;
    },
  };
}
