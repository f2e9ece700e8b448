import { Problem, problemOf, Unreachable } from './problem.js';

/** Where the bearer token is kept. It changes with every sign-in, and whenever the service issues a new one. */
export interface TokenStore {
  get(): string | undefined;
  set(token: string | undefined): void;
}

export interface ServiceOptions {
  /** Where the service is, such as `https://auth.example.com`. By default the origin of the page. */
  baseUrl?: string;
  /** Authenticates with a bearer token; without this, with cookies. */
  bearer?: TokenStore;
  /** Waits and sends again what the service was too busy for. By default nothing is sent again. */
  retry?: {
    /** The number of times to send again. */
    limit: number;
    /** Does not wait longer than this many seconds; a longer `Retry-After` is an error at once. */
    longestWait: number;
  };
  /**
   * Asks the user to authenticate again, when a call requires a recent sign-in. The call goes on if this returns true, and
   * fails with `problem` otherwise. Calls that need it at the same time share one.
   */
  reauthenticate?: (problem: Problem) => Promise<boolean>;
  /** Replaces the global `fetch`. */
  fetch?: typeof fetch;
}

/** Options of one call. */
export interface CallOptions {
  /** Aborts the call, and any wait before it is sent again. */
  signal?: AbortSignal | undefined;
}

export interface Request extends CallOptions {
  method: string;
  /** The path, with its query. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A connection to the service, for the functions of this package. */
export interface Service {
  readonly baseUrl: string;
  readonly bearer: TokenStore | undefined;
  /** Sends a request. Resolves with the JSON of a successful response; throws a `Problem` or `Unreachable`. */
  send(request: Request): Promise<unknown>;
}

/** Keeps a bearer token in memory. */
export function tokenInMemory(token?: string): TokenStore {
  return { get: () => token, set: (next) => { token = next; } };
}

/** Connects to a service. Nothing is sent. */
export function connect(options: ServiceOptions = {}): Service {
  const { bearer, retry } = options;
  // With a slash at its end, `/` would become `//api`, which is another host.
  const baseUrl = (options.baseUrl ?? '').replace(/\/+$/, '');
  let reauthentication: Promise<boolean> | undefined;

  const reauthenticated = (problem: Problem<string>) => {
    reauthentication ??= Promise.resolve(options.reauthenticate?.(problem as Problem) ?? false).finally(() => {
      reauthentication = undefined;
    });
    return reauthentication;
  };

  async function exchange({ method, path, body, headers, signal }: Request): Promise<Response> {
    const token = bearer?.get();
    const init: RequestInit = {
      method: method.toUpperCase(),
      // The service never redirects a call. A redirect would take the password along.
      redirect: 'error',
      credentials: bearer ? 'omit' : 'include',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    return received((options.fetch ?? fetch)(baseUrl + path, init), signal);
  }

  async function send(request: Request): Promise<unknown> {
    let isReauthenticated = false;
    for (let repeats = 0; ; ) {
      const response = await exchange(request);
      if (response.ok) return jsonOf(response, request.signal);
      const problem = await problemOf(response, request.signal);
      const seconds = secondsBeforeRetry(request, problem);
      if (problem.code === 'reauthentication_required' && !isReauthenticated && (await unlessAborted(reauthenticated(problem), request.signal))) {
        isReauthenticated = true;
      } else if (retry && repeats < retry.limit && seconds !== undefined && seconds <= retry.longestWait) {
        await wait(seconds, request.signal);
        repeats += 1;
      } else {
        throw problem;
      }
    }
  }

  return { baseUrl, bearer, send };
}

/** The wait before a request may be sent again; undefined if the service may have done some of it. */
function secondsBeforeRetry({ method }: Request, { status, code, retryAfter }: Problem<string>): number | undefined {
  const hasDoneNothing = status === 429 || code === 'busy' || code === 'not_ready';
  return hasDoneNothing || (status === 503 && method === 'get') ? retryAfter : undefined;
}

/** Waits for what `fetch` promises. */
async function received<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw signal?.aborted ? signal.reason : new Unreachable(error);
  }
}

async function jsonOf(response: Response, signal?: AbortSignal): Promise<unknown> {
  const text = await received(response.text(), signal);
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    throw new Problem(response.status, {});
  }
}

async function wait(seconds: number, signal?: AbortSignal): Promise<void> {
  let timer;
  try {
    await unlessAborted(new Promise((resolve) => { timer = setTimeout(resolve, seconds * 1000); }), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a promise that other calls may share, but not longer than until this one is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal!.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    void promise.then(resolve, reject).then(() => signal?.removeEventListener('abort', abort));
  });
}
