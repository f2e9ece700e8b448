// The package: its size, and its files. And what a mail link is.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { takeMailLink } from 'twofold-client';
import { sizes } from '../scripts/size.mjs';

test('everything is less than 4 KB, and signing in alone less than 2 KB', async () => {
  const { everything, signIn } = await sizes();
  console.log(`${everything} bytes, signing in alone ${signIn}`);
  assert(everything < 4_000, `${everything} bytes`);
  assert(signIn < 2_000, `${signIn} bytes`);
});

test('the packed package has the types and the source maps of every module', () => {
  const folder = mkdtempSync(join(tmpdir(), 'twofold-client-'));
  try {
    const run = (program, args, cwd) => execFileSync(program, args, { cwd, encoding: 'utf8' });
    const root = fileURLToPath(new URL('..', import.meta.url));
    const packed = run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], root);
    const files = run('tar', ['-tzf', packed.trim()], folder).trim().split('\n');
    const modules = files.filter((file) => /^package\/dist\/.*\.js$/.test(file));
    assert(modules.includes('package/dist/index.js'), files.join());
    run('tar', ['-xzf', packed.trim()], folder);
    for (const module of modules) {
      assert(files.includes(module.replace(/js$/, 'd.ts')), `${module} has no types`);
      const text = readFileSync(join(folder, module), 'utf8');
      const [, map] = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(text);
      const { sources, sourcesContent } = JSON.parse(readFileSync(join(folder, module, '..', map), 'utf8'));
      assert(sources.length > 0 && sourcesContent.length === sources.length && sourcesContent.every(Boolean), map);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the token of a mail link is taken from the address bar', () => {
  const replaced = [];
  const open = (hash) => Object.assign(globalThis, {
    location: { hash, pathname: '/account', search: '?x=1' },
    history: { state: null, replaceState: (...args) => replaced.push(args[2]) },
  });
  open('#/reset?token=mail-abc');
  assert.deepEqual(takeMailLink(), { page: 'reset', token: 'mail-abc' });
  assert.deepEqual(replaced, ['/account?x=1']);
  // The service refuses what is not a token.
  for (const token of ['%', 'a%zz', '%ff']) {
    open(`#/secure?token=${token}`);
    assert.equal(takeMailLink().page, 'secure');
  }
  open('#/verify?token=mail%2Dabc&from=mail');
  assert.deepEqual(takeMailLink(), { page: 'verify', token: 'mail-abc' });
  replaced.length = 1;
  for (const other of ['', '#/reset', '#/other?token=x', '#section']) {
    open(other);
    assert.equal(takeMailLink(), null);
  }
  assert.equal(replaced.length, 1);
});
