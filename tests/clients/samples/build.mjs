// Builds the samples of docs/frontend.md into pages: `node build.mjs FRONTEND_MD CLIENT`. The client has esbuild.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compile } from 'svelte/compiler';
import { compileScript, parse } from 'vue/compiler-sfc';

const [, , document, client] = process.argv;
const { build } = createRequire(join(client, 'package.json'))('esbuild');
const blocks = [...readFileSync(document, 'utf8').matchAll(/^```(\w+)\n(.*?)\n```$/gms)].map(([, language, text]) => ({ language, text }));

/** The one block of this language that has a text. */
function block(language, text = '') {
  const found = blocks.filter((one) => one.language === language && one.text.includes(text));
  assert.equal(found.length, 1, `${language} ${text}`);
  return found[0].text;
}

const helper = block('js', 'export async function call').replace('https://auth.example.com', 'http://localhost:8000');
writeFileSync('twofold.js', `${helper}\n${block('js', 'export async function whoIsSignedIn')}`);
writeFileSync('plain.ts', block('ts', 'connect({'));

const { descriptor, errors } = parse(block('vue'));
assert.deepEqual(errors, []);
writeFileSync('App.vue.js', compileScript(descriptor, { id: 'app', inlineTemplate: true }).content);
writeFileSync('vue.js', 'import { createApp } from "vue";\nimport App from "./App.vue.js";\ncreateApp(App).mount("#app");');

const { js, warnings } = compile(block('svelte'), { filename: 'App.svelte' });
assert.deepEqual(warnings.map(({ message }) => message), []);
writeFileSync('App.svelte.js', js.code);
writeFileSync('svelte.js', 'import { mount } from "svelte";\nimport App from "./App.svelte.js";\nmount(App, { target: document.querySelector("#app") });');

await build({
  entryPoints: ['plain.ts', 'vue.js', 'svelte.js'],
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  alias: { 'twofold-client': join(client, 'dist/index.js') },
  define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
});
for (const name of ['plain', 'vue', 'svelte']) {
  writeFileSync(`dist/${name}.html`, `<!doctype html><title>${name}</title><div id="app"></div><script type="module" src="/${name}.js"></script>`);
}
