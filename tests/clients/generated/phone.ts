// An authenticator app, by the clock of the service, which the program that started this one moves; and a `fetch` with cookies.
import { createHmac } from 'node:crypto';

export const SERVICE = process.env.SERVICE ?? '';
let now = Number(process.env.SERVICE_TIME);

/** A code that was not used before: of the next step, with the clock moved there. */
export async function nextCode(secret: string): Promise<string> {
  const moved = new Promise((resolve) => process.stdin.once('data', resolve));
  console.log('advance 30');
  await moved;
  now += 30_000;
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE((mac[19] ?? 0) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

const cookies = new Map<string, string>();

/** What a browser does by itself. */
export async function fetchWithCookies(request: Request): Promise<Response> {
  request.headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
  const response = await fetch(request);
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    cookies.set(name, value);
  }
  return response;
}

/** Ends the program as one that has done everything. */
export function finish(): void {
  console.log('ok');
  process.stdin.unref();
}
