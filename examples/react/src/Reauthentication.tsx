import { useEffect, useState } from 'react';
import { reauthenticate, reauthenticateWithPasskey, supportsPasskeys } from 'twofold-client';
import { z } from 'zod';
import { type Answer, onAsking } from './asking';
import { CODE, CURRENT_PASSWORD } from './fields';
import { accepted, service, useMe } from './service';
import { Dialog, Field, Form, FormAction } from './ui';

export function Reauthentication() {
  const [answer, setAnswer] = useState<Answer>();
  const { data } = useMe();
  useEffect(() => onAsking((next) => setAnswer(() => next)), []);
  // Once this is unmounted nobody can answer, so the call that waits is declined. A second answer has no effect.
  useEffect(() => () => answer?.(false), [answer]);
  if (!answer || !data) return null;

  const close = (isConfirmed: boolean) => {
    setAnswer(undefined);
    answer(isConfirmed);
  };
  const { user } = data;
  const schema = z.object({ password: CURRENT_PASSWORD, token: user.otp_enabled ? CODE : CODE.optional() });
  return (
    <Dialog title="Confirm it’s you" onClose={() => close(false)}>
      <p>You signed in a while ago. Please confirm it’s still you.</p>
      <Form
        schema={schema}
        button="Confirm"
        onSubmit={async (values) => {
          accepted(await reauthenticate(service, values));
          close(true);
        }}
      >
        <input type="hidden" autoComplete="username" value={user.email} readOnly />
        <Field name="password" label="Password" type="password" autoComplete="current-password" />
        {user.otp_enabled && <Field name="token" label="Code or recovery code" autoComplete="one-time-code" />}
        {user.second_factors.includes('passkey') && supportsPasskeys() && (
          <FormAction<{ password: string }>
            run={async ({ password }) => {
              // A passkey that verifies its user needs no password.
              const { outcome } = accepted(await reauthenticateWithPasskey(service, password ? { password } : {}));
              if (outcome === 'signedIn') close(true);
            }}
          >
            Use a passkey
          </FormAction>
        )}
      </Form>
    </Dialog>
  );
}
