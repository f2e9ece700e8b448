import { useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { login, signInWithPasskey, supportsPasskeys } from 'twofold-client';
import { z } from 'zod';
import { CURRENT_PASSWORD, EMAIL } from '../fields';
import { accepted, service, useEnter } from '../service';
import { Action, Card, Field, Form, Page } from '../ui';

const CREDENTIALS = z.object({ email: EMAIL, password: CURRENT_PASSWORD });

export function Login() {
  const enter = useEnter();
  const navigate = useNavigate();
  const { state } = useLocation();
  const [notice] = useState<string | undefined>(state?.notice);

  async function submit(values: z.infer<typeof CREDENTIALS>) {
    const { outcome, user } = accepted(await login(service, values));
    if (outcome === 'signedIn') return enter();
    return navigate('/code', { state: { ...state, factors: user.second_factors } });
  }

  async function usePasskey() {
    const { outcome } = accepted(await signInWithPasskey(service));
    if (outcome === 'signedIn') enter();
  }

  return (
    <Page title="Log in">
      {notice && <p className="notice">{notice}</p>}
      <Card>
        <Form schema={CREDENTIALS} button="Log in" onSubmit={submit}>
          <Field name="email" label="Email address" type="email" autoComplete="username" />
          <Field name="password" label="Password" type="password" autoComplete="current-password" />
        </Form>
        {supportsPasskeys() && <Action run={usePasskey}>Log in with a passkey</Action>}
      </Card>
      <p className="links">
        <Link to="/register">Create an account</Link>
        <Link to="/forgot">Forgot your password?</Link>
      </p>
    </Page>
  );
}
