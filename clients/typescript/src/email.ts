// Mail: verified addresses, forgotten passwords, changes of address, and "This wasn't me".

import { call } from './call.js';

/** Sends a new link that verifies the address. */
export const requestVerification = call('post', '/api/auth/email/verification');

/** Uses the link `verify`: the address is verified. */
export const verifyEmail = call('post', '/api/auth/email/verify');

/** Uses the link `disown`: deletes an account that was never verified. */
export const disownAccount = call('post', '/api/auth/email/disown');

/** Sends a link for a new password. The answer is the same whether there is such an account. */
export const forgotPassword = call('post', '/api/auth/password/forgot');

/** Uses the link `reset`: sets a new password. Fails with `otp_required` if a code is needed too. */
export const resetPassword = call('post', '/api/auth/password/reset');

/** Asks for another address. */
export const changeEmail = call('put', '/api/auth/email');

/** Uses the link `confirm-email`, at the new address. */
export const confirmEmail = call('post', '/api/auth/email/confirm');

/** Uses the link `approve-email`, at the current address. */
export const approveEmail = call('post', '/api/auth/email/approve');

/** Cancels a change of address. */
export const cancelEmailChange = call('delete', '/api/auth/email/change');

/** Uses the link `secure`, "This wasn't me". Fails with `otp_required` if a code is needed too. */
export const secureAccount = call('post', '/api/auth/secure');

const PAGES = ['verify', 'disown', 'reset', 'confirm-email', 'approve-email', 'secure'] as const;

/** A link of a mail. Use its token only when the user presses a button: mail scanners open links, too. */
export type MailLink = { page: (typeof PAGES)[number]; token: string };

/** Reads the link that opened this page and removes its token from the address bar. Returns null if the page was opened in another way. */
export function takeMailLink(): MailLink | null {
  const [, name, query] = /^#\/([a-z-]+)\?(.+)/.exec(location.hash) ?? [];
  const page = PAGES.find((one) => one === name);
  const token = new URLSearchParams(query).get('token');
  if (!page || !token) return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  return { page, token };
}
