// The list of all pages, and startup.

import { onStale } from './api.js';
import { account } from './pages/account.js';
import { code, codeByApp, codeByPasskey, recovery } from './pages/code.js';
import { deletion } from './pages/deletion.js';
import { email } from './pages/email.js';
import { events } from './pages/events.js';
import { forgot } from './pages/forgot.js';
import { approveEmail, confirmEmail, disown, verify } from './pages/link.js';
import { missing } from './pages/missing.js';
import { password } from './pages/password.js';
import { recoveryCodes } from './pages/recovery-codes.js';
import { reset, secure } from './pages/reset.js';
import { sessions } from './pages/sessions.js';
import { setUp } from './pages/set-up.js';
import { signIn } from './pages/sign-in.js';
import { signUp } from './pages/sign-up.js';
import { twoFactor } from './pages/two-factor.js';
import { proveAgain } from './reauthenticate.js';
import { start } from './router.js';
import { drawShell } from './shell.js';

onStale(proveAgain);

start({
  '/sign-in': { access: 'public', entry: true, page: signIn },
  '/sign-up': { access: 'public', page: signUp },
  '/forgot': { access: 'any', page: forgot },
  '/reset': { access: 'any', page: reset },
  '/verify': { access: 'any', page: verify },
  '/disown': { access: 'any', page: disown },
  '/confirm-email': { access: 'any', page: confirmEmail },
  '/approve-email': { access: 'any', page: approveEmail },
  '/secure': { access: 'any', page: secure },
  '/code': { access: 'code', page: code },
  '/code/app': { access: 'code', page: codeByApp },
  '/code/passkey': { access: 'code', page: codeByPasskey },
  '/code/recovery': { access: 'code', page: recovery },
  '/account': { access: 'private', page: account },
  '/two-factor': { access: 'private', page: twoFactor },
  '/two-factor/set-up': { access: 'private', within: '/two-factor', page: setUp },
  '/two-factor/recovery-codes': { access: 'private', within: '/two-factor', page: recoveryCodes },
  '/email': { access: 'private', within: '/account', page: email },
  '/sessions': { access: 'private', page: sessions },
  '/password': { access: 'private', page: password },
  '/events': { access: 'private', page: events },
  '/delete': { access: 'private', within: '/account', page: deletion },
  '/missing': { access: 'any', page: missing },
}, drawShell);
