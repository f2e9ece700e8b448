// The size of the package, and what a mail link is.
import assert from 'node:assert/strict';
import test from 'node:test';
import { takeMailLink } from 'twofold-client';
import { sizes } from '../scripts/size.mjs';

test('everything is under 6 KB, and signing in alone is less than half of it', async () => {
  const { everything, signIn } = await sizes();
  console.log(`${everything} bytes, signing in alone ${signIn}`);
  assert(everything < 6_000, `${everything} bytes`);
  assert(signIn < everything / 2, `${signIn} bytes: it is not tree-shakable`);
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
