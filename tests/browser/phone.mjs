// The service's clock, which stands still until it is moved, and an authenticator app that goes by it.
import { createHmac } from 'node:crypto';
import assert from 'node:assert/strict';

let now = Number(process.env.SERVICE_TIME);

/** Asks the program that started the journey; gives its answer. */
async function ask(line) {
  const answered = new Promise((go) => process.stdin.once('data', go));
  process.stdin.ref();
  process.stdin.resume();
  console.log(line);
  const answer = await answered;
  // What is listened to keeps the process alive.
  process.stdin.pause();
  process.stdin.unref();
  return String(answer);
}

/** Moves the service's clock. */
export async function advance(seconds) {
  await ask(`advance ${seconds}`);
  now += seconds * 1000;
}

/** The next email to an address: its kind, and its links by the page that they lead to. */
export async function nextMail(address) {
  const { kind, links } = JSON.parse(await ask(`mail ${address}`));
  return { kind, ...Object.fromEntries(links.map((link) => [/#\/([a-z-]+)/.exec(link)[1], new URL(link).hash])) };
}

/** An authenticator app (RFC 6238). A code works once, so it gives each step's only once. */
export class Phone {
  #key;
  #last = 0;

  constructor(base32) { this.#key = decode(base32); }

  /** The earliest code that is accepted now and was not given yet. */
  code() {
    const present = Math.floor(now / 30_000);
    const step = Math.max(present - 1, this.#last + 1);
    assert(step <= present + 1, 'no unused code is accepted now: move the clock');
    this.#last = step;
    return this.#at(step);
  }

  /** A code of the next step, the clock moved there. */
  async next() {
    await advance(30);
    return this.code();
  }

  /** A code that is no step's near now. */
  wrong() {
    const present = Math.floor(now / 30_000);
    const near = new Set([-2, -1, 0, 1, 2].map((step) => this.#at(present + step)));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.has(code));
  }

  #at(step) {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const mac = createHmac('sha1', this.#key).update(counter).digest();
    const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }
}

function decode(base32) {
  const value = (letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0');
  const bits = [...base32.replaceAll(' ', '')].map(value).join('');
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}
