// Prints what the built package adds to a page, minified and compressed, in bytes: all of it, and signing in alone.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

async function sizeOf(contents) {
  const resolveDir = fileURLToPath(new URL('..', import.meta.url));
  const { outputFiles: [bundle] } = await build({ stdin: { contents, resolveDir }, bundle: true, format: 'esm', minify: true, write: false });
  return gzipSync(bundle.contents).length;
}

export const sizes = async () => ({
  everything: await sizeOf("export * from 'twofold-client';"),
  signIn: await sizeOf("export { connect, login, submitCode, logout } from 'twofold-client';"),
});

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await sizes());
