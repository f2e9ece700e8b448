export * from './account.js';
export * from './authenticator.js';
export type * from './models.js';
export * from './cookies.js';
export * from './email.js';
export * from './passkeys.js';
export { isProblem, Problem, Unreachable } from './problem.js';
export { connect, tokenInMemory } from './service.js';
export type { CallOptions, Request, Service, ServiceOptions, TokenStore } from './service.js';
export {
  exchangeCredentials, login, logout, reauthenticate, submitCode,
  type CodeResult, type LoginResult, type Refused, type SecondFactorRequired, type SignedIn, type TokenResult,
} from './sign-in.js';
export type { ProblemCode } from './types.js';
export { createCredential, getCredential, supportsAutofill, supportsPasskeys } from './webauthn.js';
