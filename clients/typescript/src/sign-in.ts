// Signing in and out. Each step returns what happened; only what the user can't correct is thrown.

import { call, keepToken } from './call.js';
import { Problem } from './problem.js';
import type { CallOptions, Service } from './service.js';
import type { Answer, Code, Input, ProblemCode } from './types.js';

/** The service said no (4xx). `problem.message` is a sentence for the user. */
export type Refused<C extends string = ProblemCode> = { outcome: 'refused'; problem: Problem<C> };
/** There is a session. */
export type SignedIn<T = unknown> = { outcome: 'signedIn' } & T;
/** The password is right; submit a code or a passkey next. */
export type SecondFactorRequired<T = unknown> = { outcome: 'secondFactorRequired' } & T;

type User = { user: Answer<'post', '/api/auth/login'>['user'] };
type WithToken = { token: string };

export type LoginResult = SignedIn<User> | SecondFactorRequired<User> | Refused<Code<'post', '/api/auth/login'>>;
export type CodeResult = SignedIn | Refused<Code<'post', '/api/auth/otp/validate'>>;
export type TokenResult = SignedIn<WithToken> | SecondFactorRequired | Refused<Code<'post', '/auth/credentials'> | 'incorrect_credentials' | 'otp_invalid'>;

const logIn = call('post', '/api/auth/login');
const validate = call('post', '/api/auth/otp/validate', true);
const reauthentication = call('post', '/api/auth/reauthenticate', true);
const logOut = call('post', '/api/auth/logout');

/** Logs in with a password, for a session in a cookie. */
export function login(service: Service, input: Input<'post', '/api/auth/login'>, options?: CallOptions): Promise<LoginResult> {
  return orRefused(logIn(service, input, options).then((answer) => {
    const { second_factor_required: isDue, user } = having('user', answer);
    return { outcome: isDue ? 'secondFactorRequired' : 'signedIn', user } as const;
  }));
}

/** Submits a code of the authenticator app, or a recovery code, as `token`. */
export function submitCode(service: Service, input: Input<'post', '/api/auth/otp/validate'>, options?: CallOptions): Promise<CodeResult> {
  return orRefused(validate(service, input, options).then(signedIn));
}

/** Logs in with a password and, if it is required, a code, for a bearer token. */
export async function exchangeCredentials(
  service: Service,
  { email, password, otp = '' }: { email: string; password: string; otp?: string },
  options?: CallOptions,
): Promise<TokenResult> {
  const basic = btoa(String.fromCharCode(...new TextEncoder().encode(`${email}:${password}`)));
  const request = { method: 'post', path: `/auth/credentials?otp=${encodeURIComponent(otp)}`, headers: { authorization: `Basic ${basic}` } };
  const result = await orRefused<SignedIn<WithToken>, string>(service.send({ ...request, ...options }).then((answer) => {
    keepToken(service, answer);
    return { outcome: 'signedIn', token: having('token', answer as WithToken).token };
  }));
  // The body of a 401 is not a problem there: it says only which of three reasons it was.
  if (result.outcome !== 'refused' || result.problem.status !== 401) return result as TokenResult;
  switch ((result.problem.body as { status?: number }).status) {
    case 1: return { outcome: 'secondFactorRequired' };
    case 2: return refused('otp_invalid', 'Incorrect code.');
    default: return refused('incorrect_credentials', 'Incorrect email or password.');
  }
}

const refused = <C extends string>(code: C, detail: string): Refused<C> => ({ outcome: 'refused', problem: new Problem<C>(401, { code, detail }) });

/** Authenticates again with every factor, so that sensitive calls are allowed. */
export function reauthenticate(
  service: Service,
  input: Input<'post', '/api/auth/reauthenticate'>,
  options?: CallOptions,
): Promise<SignedIn | Refused<Code<'post', '/api/auth/reauthenticate'>>> {
  return orRefused(reauthentication(service, input, options).then(signedIn));
}

/** Ends the session, or the login in progress. */
export async function logout(service: Service, options?: CallOptions): Promise<void> {
  await logOut(service, {}, options).catch((error) => {
    // The token is of no more use either way.
    if (error instanceof Problem && error.status === 401) service.bearer?.set(undefined);
    throw error;
  });
  service.bearer?.set(undefined);
}

export const signedIn = () => ({ outcome: 'signedIn' }) as const;

/** Requires what each answer of the service has. A proxy may have answered instead. */
export function having<T, K extends keyof T>(name: K, answer: T): T {
  if (!answer?.[name]) throw new Problem(200, {});
  return answer;
}

/** Turns a refusal into a result. */
export async function orRefused<T, C extends string>(result: Promise<T>): Promise<T | Refused<C>> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof Problem && error.status >= 400 && error.status < 500) return { outcome: 'refused', problem: error as Problem<C> };
    throw error;
  }
}
