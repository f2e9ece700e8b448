import type { FieldError } from './api.js';
import type { ProblemCode } from './types.js';

/** The body of an error response (RFC 9457); proxies may answer with something else. */
type ProblemBody = { code?: string; detail?: string; errors?: FieldError[]; request_id?: string };

/** The service, or a proxy before it, answered with an error. `message` is a sentence for the user. */
export class Problem<Code extends string = ProblemCode> extends Error {
  override readonly name = 'Problem';
  /** The stable name of the problem, or `unknown` if the response does not come from the service. */
  readonly code: Code | 'unknown';
  /** The HTTP status. */
  readonly status: number;
  /** With status 422: every invalid field. */
  readonly fields: readonly FieldError[];
  /** The seconds to wait before the next attempt, with most 429s and 503s. */
  readonly retryAfter: number | undefined;
  /** The id of the request in the service's log. */
  readonly requestId: string | undefined;
  /** The whole body. */
  readonly body: object;

  constructor(status: number, body: ProblemBody, retryAfter?: number) {
    super(body.detail ?? 'The service could not answer. Please try again later.');
    this.code = (body.code ?? 'unknown') as Code | 'unknown';
    this.status = status;
    this.fields = body.errors ?? [];
    this.retryAfter = retryAfter;
    this.requestId = body.request_id;
    this.body = body;
  }
}

/** The service could not be reached; `cause` is what `fetch` threw. Whether it has acted is unknown. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor(cause: unknown) {
    super('The service could not be reached. Check your connection, then try again.', { cause });
  }
}

/** Whether an error is a problem, and one of these codes if any are given. */
export function isProblem<Code extends ProblemCode = ProblemCode>(error: unknown, ...codes: Code[]): error is Problem<Code> {
  return error instanceof Problem && (codes.length === 0 || codes.includes(error.code as Code));
}

/** Reads the problem of a response. An abort throws the signal's reason. */
export async function problemOf(response: Response, signal?: AbortSignal): Promise<Problem<string>> {
  const body = (await response.json().catch(() => null)) as ProblemBody | null;
  signal?.throwIfAborted();
  return new Problem<string>(response.status, body ?? {}, secondsOf(response.headers.get('retry-after')));
}

/** `Retry-After` is a number of seconds, or a date (RFC 9110, section 10.2.3). */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
