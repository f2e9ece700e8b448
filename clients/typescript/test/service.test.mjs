// How requests are sent, against a `fetch` that answers from a list.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  changePassword, connect, endSession, exchangeCredentials, isProblem, listEvents, login, logout, me, renewRecoveryCodes, tokenInMemory, Unreachable,
} from 'twofold-client';

const json = (body, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const problem = (status, code, headers) => json({ status, code, detail: `${code}.`, request_id: 'abc' }, status, headers);

/** A service with these responses, in order, and the requests that it gets. */
function service(responses, options = {}) {
  const requests = [];
  const fetch = async (url, init) => {
    requests.push({ url, ...init });
    init.signal?.throwIfAborted();
    const next = responses.shift();
    if (next instanceof Error) throw next;
    return next;
  };
  return [connect({ baseUrl: 'https://auth.example.com', fetch, ...options }), requests];
}

const SIGNED_IN = { status: 'success', user: { otp_enabled: false }, second_factor_required: false };

test('cookies are sent, and parameters go into the path, the query or the body', async () => {
  const [to, requests] = service([json(SIGNED_IN), new Response(null, { status: 204 }), json({ events: [], next: null })]);
  await login(to, { email: 'a@example.com', password: 'p' });
  assert.equal(await endSession(to, { id: 'a/b' }), undefined);
  await listEvents(to, { limit: 5, after: undefined });
  assert.deepEqual(requests.map(({ url, method, credentials, body }) => [url.slice(24), method, credentials, body]), [
    ['/api/auth/login', 'POST', 'include', '{"email":"a@example.com","password":"p"}'],
    ['/api/auth/sessions/a%2Fb', 'DELETE', 'include', undefined],
    ['/api/auth/events?limit=5', 'GET', 'include', undefined],
  ]);
});

test('a password reaches no other host: by a slash in the address of the service, or by a redirect', async () => {
  for (const baseUrl of ['/', 'https://auth.example.com/']) {
    const [to, requests] = service([json(SIGNED_IN)], { baseUrl });
    await login(to, { email: 'a@example.com', password: 'p' });
    assert.equal(requests[0].url, `${baseUrl.slice(0, -1)}/api/auth/login`);
    assert.equal(requests[0].redirect, 'error');
  }
});

test('a second factor is due if the service says so; a trusted device needs none', async () => {
  const user = { otp_enabled: true };
  const [to] = service([json({ ...SIGNED_IN, user, second_factor_required: true }), json({ ...SIGNED_IN, user })]);
  assert.equal((await login(to, {})).outcome, 'secondFactorRequired');
  assert.equal((await login(to, {})).outcome, 'signedIn');
});

test('a refusal is a result, and other failures are thrown', async () => {
  const fault = new TypeError('fetch failed');
  const [to] = service([problem(400, 'incorrect_credentials'), problem(503, 'busy', { 'retry-after': '3' }), fault, new Response('<html>', { status: 502 })]);
  const result = await login(to, {});
  assert.equal(result.outcome, 'refused');
  assert.equal(result.problem.message, 'incorrect_credentials.');
  await assert.rejects(login(to, {}), (error) => isProblem(error, 'busy') && error.retryAfter === 3 && error.requestId === 'abc');
  await assert.rejects(login(to, {}), (error) => error instanceof Unreachable && error.cause === fault);
  await assert.rejects(login(to, {}), (error) => isProblem(error) && error.code === 'unknown' && error.status === 502);
});

test('the token of a bearer caller is sent, and replaced by the one of a response', async () => {
  const bearer = tokenInMemory();
  const [to, requests] = service([json({ token: 'first', status: 0 }), json({ token: 'second' }), json({})], { bearer });
  assert.equal((await exchangeCredentials(to, { email: 'ä@example.com', password: 'p', otp: '1 2' })).outcome, 'signedIn');
  await changePassword(to, { current_password: 'p', new_password: 'q' });
  await me(to);
  assert.match(requests[0].url, /otp=1%202$/);
  assert.equal(Buffer.from(requests[0].headers.authorization.slice(6), 'base64').toString(), 'ä@example.com:p');
  assert.deepEqual(requests.slice(1).map(({ headers, credentials }) => [headers.authorization, credentials]), [['Bearer first', 'omit'], ['Bearer second', 'omit']]);
});

test('a logout ends with the token of a session that has ended, and is no logout if it fails otherwise', async () => {
  const bearer = tokenInMemory('ended');
  const [to] = service([problem(503, 'database_unavailable'), problem(401, 'not_authenticated')], { bearer });
  await assert.rejects(logout(to), (error) => isProblem(error, 'database_unavailable'));
  assert.equal(bearer.get(), 'ended');
  await assert.rejects(logout(to), (error) => isProblem(error, 'not_authenticated'));
  assert.equal(bearer.get(), undefined);
});

test('a successful response without what it must have is a problem', async () => {
  const isUnknown = (error) => isProblem(error) && error.code === 'unknown' && error.status === 200;
  for (const body of ['', 'null', '{}', '[]', '<html>']) {
    const [to] = service([1, 2].map(() => new Response(body)), { bearer: tokenInMemory() });
    await assert.rejects(login(to, {}), isUnknown, body);
    await assert.rejects(exchangeCredentials(to, {}), isUnknown, body);
  }
});

test('the three refusals of the credentials call are results', async () => {
  const [to] = service([1, 2, 3].map((status) => json({ token: null, status }, 401)));
  assert.equal((await exchangeCredentials(to, {})).outcome, 'secondFactorRequired');
  assert.equal((await exchangeCredentials(to, {})).problem.code, 'otp_invalid');
  assert.equal((await exchangeCredentials(to, {})).problem.code, 'incorrect_credentials');
});

test('what the service has not done is sent again after the wait it asks for', async () => {
  const busy = () => problem(429, 'too_many_attempts', { 'retry-after': '0' });
  const [to, requests] = service([busy(), problem(503, 'busy', { 'retry-after': '0' }), json(SIGNED_IN), busy(), busy(), busy()], { retry: { limit: 2, longestWait: 5 } });
  assert.equal((await login(to, {})).outcome, 'signedIn');
  assert.equal((await login(to, {})).problem.code, 'too_many_attempts');
  assert.equal(requests.length, 6);
});

test('what may have been done is not sent again unless it only reads, and no wait is longer than allowed', async () => {
  const lost = () => problem(503, 'database_unavailable', { 'retry-after': '0' });
  const [to, requests] = service([lost(), lost(), json({}), problem(429, 'too_many_attempts', { 'retry-after': '6' })], { retry: { limit: 1, longestWait: 5 } });
  await assert.rejects(renewRecoveryCodes(to), (error) => isProblem(error, 'database_unavailable'));
  await me(to);
  await assert.rejects(me(to), (error) => error.retryAfter === 6);
  assert.equal(requests.length, 4);
});

test('Retry-After may be a date', async () => {
  const [to] = service([problem(429, 'too_many_attempts', { 'retry-after': new Date(Date.now() + 30_000).toUTCString() })]);
  await assert.rejects(me(to), ({ retryAfter }) => retryAfter > 20 && retryAfter <= 30);
});

test('an abort ends a request and a wait with its own reason', async () => {
  const waiting = new AbortController();
  const [to, requests] = service([problem(429, 'too_many_attempts', { 'retry-after': '60' })], { retry: { limit: 1, longestWait: 100 } });
  const call = me(to, {}, { signal: waiting.signal });
  setImmediate(() => waiting.abort(new Error('left')));
  await assert.rejects(call, /left/);
  await assert.rejects(me(to, {}, { signal: AbortSignal.abort(new Error('early')) }), /early/);
  assert.equal(requests.length, 2);
});

test('an abort while an error is read has its own reason', async () => {
  const leaving = new AbortController();
  const body = new ReadableStream({
    pull(stream) {
      leaving.abort(new Error('left'));
      stream.error(leaving.signal.reason);
    },
  }, { highWaterMark: 0 });
  const [to] = service([new Response(body, { status: 503 })]);
  await assert.rejects(me(to, {}, { signal: leaving.signal }), /left/);
});

const stale = () => problem(403, 'reauthentication_required');

/** Asks a user who answers when the test says so. `until` waits until they are asked, and as many requests were sent. */
function user() {
  const answers = [];
  return {
    answers,
    reauthenticate: () => new Promise((resolve) => answers.push(resolve)),
    until: async (requests, count) => {
      while (requests.length < count || answers.length === 0) await new Promise(setImmediate);
      await new Promise(setImmediate);
    },
  };
}

test('calls that need a recent sign-in share one request for it, then go on', async () => {
  const { answers, reauthenticate, until } = user();
  const [to, requests] = service([stale(), stale(), json({ recovery_codes: ['a'] }), json({ recovery_codes: ['b'] })], { reauthenticate });
  const calls = [renewRecoveryCodes(to), renewRecoveryCodes(to)];
  await until(requests, 2);
  answers[0](true);
  assert.deepEqual((await Promise.all(calls)).map(({ recovery_codes: [code] }) => code).sort(), ['a', 'b']);
  assert.equal(answers.length, 1);
});

test('an abort ends one of the calls that wait for a sign-in, and the others go on waiting', async () => {
  const { answers, reauthenticate, until } = user();
  const [to, requests] = service([stale(), stale(), json({ recovery_codes: ['a'] })], { reauthenticate });
  const leaving = new AbortController();
  const [left, stayed] = [renewRecoveryCodes(to, {}, { signal: leaving.signal }), renewRecoveryCodes(to)];
  await until(requests, 2);
  leaving.abort(new Error('left'));
  await assert.rejects(Promise.race([left, new Promise(setImmediate)]), /left/);
  answers[0](true);
  assert.deepEqual(await stayed, { recovery_codes: ['a'] });
  assert.deepEqual([answers.length, requests.length], [1, 3]);
});

test('without a new sign-in the call fails, and it is asked for only once', async () => {
  const [declined] = service([stale()], { reauthenticate: async () => false });
  await assert.rejects(renewRecoveryCodes(declined), (error) => isProblem(error, 'reauthentication_required'));
  const [useless, requests] = service([stale(), stale()], { reauthenticate: async () => true });
  await assert.rejects(renewRecoveryCodes(useless), (error) => isProblem(error, 'reauthentication_required'));
  assert.equal(requests.length, 2);
});
