// The list of all pages, and startup.

import { onStale } from './api.js';
import { account } from './pages/account.js';
import { code, codeByApp, codeByPasskey, recovery } from './pages/code.js';
import { deletion } from './pages/deletion.js';
import { email } from './pages/email.js';
import { events } from './pages/events.js';
import { forgot } from './pages/forgot.js';
import { approveEmail, confirmEmail, disown, verify } from './pages/link.js';
import { password } from './pages/password.js';
import { recoveryCodes } from './pages/recovery-codes.js';
import { reset, secure } from './pages/reset.js';
import { returned } from './pages/returned.js';
import { sessions } from './pages/sessions.js';
import { setUp } from './pages/set-up.js';
import { signIn } from './pages/sign-in.js';
import { signUp } from './pages/sign-up.js';
import { twoFactor } from './pages/two-factor.js';
import { proveAgain } from './reauthenticate.js';
import { start } from './router.js';
import { drawShell } from './shell.js';

const anyone = (page) => ({ access: 'any', page });
const claimant = (page) => ({ access: 'code', page });
const owner = (page, within) => ({ access: 'private', page, within });

onStale(proveAgain);

start({
  '/sign-in': { access: 'public', entry: true, page: signIn },
  '/sign-up': { access: 'public', page: signUp },
  '/forgot': anyone(forgot),
  '/reset': anyone(reset),
  '/verify': anyone(verify),
  '/disown': anyone(disown),
  '/confirm-email': anyone(confirmEmail),
  '/approve-email': anyone(approveEmail),
  '/secure': anyone(secure),
  '/code': claimant(code),
  '/code/app': claimant(codeByApp),
  '/code/passkey': claimant(codeByPasskey),
  '/code/recovery': claimant(recovery),
  '/account': owner(account),
  '/two-factor': owner(twoFactor),
  '/two-factor/set-up': owner(setUp, '/two-factor'),
  '/two-factor/recovery-codes': owner(recoveryCodes, '/two-factor'),
  '/email': owner(email, '/account'),
  '/sessions': owner(sessions),
  '/password': owner(password),
  '/events': owner(events),
  '/delete': owner(deletion, '/account'),
  '/returned': owner(returned),
}, drawShell);
