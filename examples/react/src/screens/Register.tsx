import { Link, useNavigate } from 'react-router';
import { login, register } from 'twofold-client';
import { z } from 'zod';
import { EMAIL, NAME, PASSWORD } from '../fields';
import { service, useEnter } from '../service';
import { Card, Field, Form, Page } from '../ui';

const PERSON = z.object({ name: NAME, email: EMAIL, password: PASSWORD });

export function Register() {
  const enter = useEnter();
  const navigate = useNavigate();

  async function submit(values: z.infer<typeof PERSON>) {
    await register(service, values);
    const result = await login(service, values);
    if (result.outcome === 'signedIn') enter();
    // The service may ask for a confirmed address first, and says so.
    else void navigate('/login', { state: { notice: result.outcome === 'refused' ? result.problem.message : 'Your account was created.' } });
  }

  return (
    <Page title="Create an account">
      <Card>
        <Form schema={PERSON} button="Create account" onSubmit={submit}>
          <Field name="name" label="Name" autoComplete="name" />
          <Field name="email" label="Email address" type="email" autoComplete="username" />
          <Field name="password" label="Password" hint="At least 8 characters" type="password" autoComplete="new-password" />
        </Form>
      </Card>
      <p className="links"><Link to="/login">Log in instead</Link></p>
    </Page>
  );
}
