// The only module that calls the service.

const ROOT = '../api/auth/';

/** An answer other than success, or none. */
export class ApiError extends Error {
  constructor({ status = 0, code, detail = '', errors = [], request_id: requestId }, wait = 0) {
    super(detail);
    Object.assign(this, { status, code, fields: errors, requestId, wait });
  }

  /** Whether the call may have been carried out all the same. */
  get isLost() {
    return this.status === 0 || this.status >= 500;
  }
}

/** Rethrows an error; a lost answer becomes the error `code`, which says what may have happened. */
export const lostAs = (code) => (error) => {
  throw error.isLost ? new ApiError({ code }) : error;
};

/** The person changed their mind; there is nothing to say about it. */
export class Cancelled extends Error {}

let proveAgain = () => Promise.reject(new Cancelled());

/** Sets who asks for password and second factor when a call needs a fresh authentication. */
export const onStale = (prove) => { proveAgain = prove; };

export const get = (path) => call('GET', path);
export const post = (path, body) => call('POST', path, body);
export const patch = (path, body) => call('PATCH', path, body);
export const put = (path, body) => call('PUT', path, body);
export const remove = (path, body) => call('DELETE', path, body);

/** Removes what may be gone already. */
export const removeOnce = (path, id) => remove(`${path}/${encodeURIComponent(id)}`).catch((error) => {
  if (error.status !== 404) throw error;
});

export const qrCode = () => request('GET', 'otp/qr', undefined, 'image/svg+xml').then((answer) => answer.blob().catch(unreachable));

async function call(method, path, body) {
  try {
    return await send(method, path, body);
  } catch (error) {
    if (error.code !== 'reauthentication_required') throw error;
    await proveAgain();
    return send(method, path, body);
  }
}

async function send(method, path, body) {
  const answer = await request(method, path, body, 'application/json');
  // The connection may break during the response.
  return answer.text().then((text) => (text ? JSON.parse(text) : null)).catch(unreachable);
}

async function request(method, path, body, accept) {
  const headers = { Accept: accept };
  if (body) headers['Content-Type'] = 'application/json';
  const init = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(30_000) };
  const answer = await fetch(ROOT + path, init).catch(unreachable);
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

function unreachable() {
  throw new ApiError({ code: 'unreachable' });
}

async function refusal(answer) {
  // A proxy may respond with a page of its own.
  const problem = await answer.json().catch(() => ({}));
  return new ApiError({ code: 'unreadable', ...problem, status: answer.status }, Number(answer.headers.get('Retry-After')) || 0);
}
