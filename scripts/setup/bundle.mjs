import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

/** Packages that stay files of their own: they load machine code, WebAssembly or data that lies beside them. */
const APART = [
  '@duckdb/*',
  '@electric-sql/pglite',
  '@lat.md/*',
  '@tensorflow/*',
  '@xenova/transformers',
  'lz4-napi',
  'msgpackr-extract',
  'onnxruntime-node',
  // Only training and reports use these, a few times a day: the build is made faster without them.
  'echarts',
  'ml-random-forest',
  'natural',
];

/** In every compiled file: where its modules' sources lie, so that what they find beside themselves is found. */
const BANNER = `import { createRequire as lanewayRequire } from 'node:module';
import { getEnvironmentData as lanewayData } from 'node:worker_threads';
import { dirname as lanewayDirname } from 'node:path';
import { fileURLToPath as lanewayPath } from 'node:url';
const require = lanewayRequire(import.meta.url);
const lanewayUrl = (path) => new URL(path, lanewayData('laneway:build').root).href;`;

const PLACES = /\bimport\.meta\.url\b|\b__(?:dir|file)name\b/;

/**
 * Compiles modules and what they import into few JavaScript files, dependencies with them: hundreds of small files
 * take longer to find and read than to run.
 *
 * @param {string} root
 * @param {readonly string[]} entries paths from the root
 * @param {string} out folder for the files
 * @returns {Promise<{ entries: Record<string, string>, inputs: string[], outputs: string[] }>} compiled file of each
 *   entry; every file that was read, from the root; every file that was written, from `out`
 * @throws esbuild's `BuildFailure`
 */
export async function bundle(root, entries, out) {
  try {
    const { metafile } = await esbuild.build({
      absWorkingDir: root,
      entryPoints: [...entries],
      outdir: out,
      outbase: root,
      entryNames: '[name]-[hash]',
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      external: APART,
      banner: { js: BANNER },
      plugins: [whenAsked(), largeData(), keepPlaces(root)],
      sourcemap: 'linked',
      sourcesContent: false,
      metafile: true,
      logLevel: 'silent',
    });
    const prefix = `${relative(root, out).split(sep).join('/')}/`;
    const outputs = Object.entries(metafile.outputs).map(([path, { entryPoint }]) => ({
      file: path.slice(prefix.length),
      entryPoint,
    }));
    return {
      entries: Object.fromEntries(
        outputs.flatMap(({ file, entryPoint }) => (entryPoint === undefined ? [] : [[entryPoint, file]])),
      ),
      inputs: Object.keys(metafile.inputs).filter((path) => !path.startsWith('when-asked:')),
      outputs: outputs.map(({ file }) => file),
    };
  } finally {
    await esbuild.stop();
  }
}

/** Modules that few messages need, and the value of theirs that is used. */
const WHEN_ASKED = new Map([['eld/small', 'eld']]);
const REAL = Symbol('the module itself');

/**
 * Large modules are run when something of theirs is first used, in place of at the start.
 *
 * @returns {esbuild.Plugin}
 */
function whenAsked() {
  const filter = new RegExp(`^(${[...WHEN_ASKED.keys()].join('|')})$`);
  return {
    name: 'when-asked',
    setup(build) {
      build.onResolve({ filter }, ({ path, kind, resolveDir, pluginData }) => {
        if (pluginData === REAL) return undefined;
        if (kind === 'import-statement') return { path, namespace: 'when-asked', pluginData: resolveDir };
        return build.resolve(path, { kind: 'import-statement', resolveDir, pluginData: REAL });
      });
      build.onLoad({ filter: /./, namespace: 'when-asked' }, ({ path, pluginData }) => {
        const name = WHEN_ASKED.get(path);
        const contents = `let used;
export const ${name} = new Proxy({}, {
  get(_, key) {
    used ??= require(${JSON.stringify(path)}).${name};
    const value = used[key];
    return typeof value === 'function' ? value.bind(used) : value;
  },
});`;
        return { contents, resolveDir: pluginData };
      });
    },
  };
}

/** Data this large is read faster by a parser of JSON than by one of programs. */
const LARGE_BYTES = 32_768;
/** Modules that are nothing but a table: letter sequences of 60 languages, holidays of 200 countries. */
const TABLES = /[\\/]node_modules[\\/](eld[\\/]src[\\/]ngrams[\\/]\w+|date-holidays[\\/]src[\\/]data)\.js$/;

/**
 * Tables that packages ship as programs or JSON go in as text.
 *
 * @returns {esbuild.Plugin}
 */
function largeData() {
  const parse = (/** @type {unknown} */ data) => `JSON.parse(${JSON.stringify(JSON.stringify(data))})`;
  return {
    name: 'large-data',
    setup(build) {
      build.onLoad({ filter: /\.json$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (text.length < LARGE_BYTES) return undefined;
        return { contents: `module.exports = ${parse(JSON.parse(text))};`, loader: 'js' };
      });
      build.onLoad({ filter: TABLES }, async ({ path }) => {
        const tables = Object.entries(await import(pathToFileURL(path).href));
        const lines = tables.map(([name, data]) => `export const ${name} = ${parse(data)};`);
        return { contents: lines.join('\n'), loader: 'js' };
      });
    },
  };
}

/**
 * Modules keep their own place when many become one file.
 *
 * @param {string} root
 * @returns {esbuild.Plugin}
 */
function keepPlaces(root) {
  return {
    name: 'keep-places',
    setup(build) {
      build.onLoad({ filter: /\.(ts|tsx|js|mjs|cjs)$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (!PLACES.test(text)) return undefined;
        const url = `lanewayUrl(${JSON.stringify(relative(root, path).split(sep).join('/'))})`;
        const contents = text.replaceAll(/\bimport\.meta\.url\b/g, url);
        const loader = path.endsWith('.ts') ? 'ts' : path.endsWith('.tsx') ? 'tsx' : 'js';
        // CommonJS has its place in two variables; they go on its first line, so that lines stay what they were.
        const cjs =
          loader === 'js' && /\b__(?:dir|file)name\b/.test(text) && !/^\s*(import|export)\b/m.test(text);
        const places = `var __filename=lanewayPath(${url}),__dirname=lanewayDirname(__filename);`;
        return { contents: cjs ? places + contents : contents, loader };
      });
    },
  };
}
