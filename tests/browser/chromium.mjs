// A Chromium: $CHROMIUM, else one on PATH, else that of an npm package, which needs no root.
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

const cache = process.env.BROWSER_CACHE;
const require = createRequire(join(cache, 'package.json'));
const { chromium } = require('playwright-core');

/** Its path. That of the package is unpacked first, by one process at a time. */
export const executable = async () => process.env.CHROMIUM || onPath() || ofPackage();

/** Starts it; the sandbox is Chromium's own, which root does not have. */
export async function launch(args = []) {
  return chromium.launch({ args, executablePath: await executable(), chromiumSandbox: process.getuid() !== 0 });
}

function onPath() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

/** The package unpacks itself into $TMPDIR, libraries and fonts included. Its own arguments switch off what is tested here. */
async function ofPackage() {
  const unpacked = join(cache, 'unpacked');
  mkdirSync(unpacked, { recursive: true });
  process.env.TMPDIR = unpacked;
  const entry = require.resolve('@sparticuz/chromium');
  const folder = join(dirname(entry), '../bin');
  const { default: bundled, inflate } = await import(entry);
  const archives = readdirSync(folder).filter((name) => ['al2023.tar.br', 'fonts.tar.br'].includes(name));
  for (const name of archives) {
    if (!existsSync(join(unpacked, name.split('.')[0]))) await inflate(join(folder, name));
  }
  process.env.LD_LIBRARY_PATH = join(unpacked, 'al2023/lib');
  // Without a font no text is drawn, and axe sees no contrast that could be bad.
  process.env.FONTCONFIG_FILE = join(unpacked, 'fonts.conf');
  const folders = ['/usr/share/fonts', join(unpacked, 'fonts')].map((path) => `<dir>${path}</dir>`).join('');
  // Another browser may be reading it.
  const written = `${process.env.FONTCONFIG_FILE}.${process.pid}`;
  writeFileSync(written, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>${folders}<cachedir>${unpacked}/fonts-cache</cachedir></fontconfig>`);
  renameSync(written, process.env.FONTCONFIG_FILE);
  return bundled.executablePath();
}
