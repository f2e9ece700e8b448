import { useState } from 'react';
import { Link as RouterLink, Navigate, useNavigate } from 'react-router';
import {
  approveEmail, type Assertion, confirmEmail, disownAccount, isProblem, type MailLink, provePasskey, resetPassword, secureAccount, supportsPasskeys, verifyEmail,
} from 'twofold-client';
import { z } from 'zod';
import { CODE, PASSWORD } from '../fields';
import { service } from '../service';
import { Card, Field, Form, FormAction, Page } from '../ui';

type Values = { new_password?: string; code?: string; passkey?: Assertion };
type Use = { title: string; button: string; done: string; run: (token: string, values: Values) => Promise<unknown> };

const PAGES: Record<MailLink['page'], Use> = {
  verify: { title: 'Confirm your email address', button: 'Confirm', done: 'Your email address is confirmed.', run: (token) => verifyEmail(service, { token }) },
  disown: { title: 'You did not sign up?', button: 'Delete this account', done: 'The account was deleted.', run: (token) => disownAccount(service, { token }) },
  'confirm-email': { title: 'Use this address from now on', button: 'Confirm', done: 'The new address is confirmed.', run: (token) => confirmEmail(service, { token }) },
  'approve-email': { title: 'Approve the change of address', button: 'Approve', done: 'The change is approved.', run: (token) => approveEmail(service, { token }) },
  secure: { title: 'Secure your account', button: 'Secure my account', done: 'We have sent you a link for a new password.', run: (token, { code, passkey }) => secureAccount(service, { token, code, passkey }) },
  reset: {
    title: 'Choose a new password', button: 'Save', done: 'Your password was changed. Please log in.',
    run: (token, { new_password: password = '', code, passkey }) => resetPassword(service, { token, new_password: password, code, passkey }),
  },
};

/** The page of a link in a mail. It acts when the button is pressed, never when it opens: mail scanners open links, too. */
export function Link({ link }: { link: MailLink | null }) {
  const navigate = useNavigate();
  const [needsCode, setNeedsCode] = useState(false);
  if (!link) return <Navigate to="/login" replace />;
  const { title, button, done, run } = PAGES[link.page];
  const isReset = link.page === 'reset';
  const schema = z.object({ new_password: isReset ? PASSWORD : PASSWORD.optional(), code: needsCode ? CODE : CODE.optional() });

  async function submit(values: Values) {
    try {
      await run(link?.token ?? '', values);
      void navigate('/login', { replace: true, state: { notice: done } });
    } catch (error) {
      if (isProblem(error, 'otp_required')) setNeedsCode(true);
      throw error;
    }
  }

  return (
    <Page title={title}>
      <Card>
        <Form schema={schema} button={button} onSubmit={submit}>
          {isReset && <Field name="new_password" label="New password" hint="At least 8 characters" type="password" autoComplete="new-password" />}
          {needsCode && <Field name="code" label="Code or recovery code" autoComplete="one-time-code" />}
          {needsCode && supportsPasskeys() && (
            <FormAction<Values>
              run={async ({ new_password }) => submit({ new_password, passkey: await provePasskey(service, { token: link.token }) })}
            >
              Use a passkey
            </FormAction>
          )}
        </Form>
      </Card>
      <p className="links"><RouterLink to="/login">Log in</RouterLink></p>
    </Page>
  );
}
