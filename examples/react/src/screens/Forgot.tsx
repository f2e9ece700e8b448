import { useState } from 'react';
import { Link } from 'react-router';
import { forgotPassword } from 'twofold-client';
import { z } from 'zod';
import { EMAIL } from '../fields';
import { service } from '../service';
import { Card, Field, Form, Page } from '../ui';

const ADDRESS = z.object({ email: EMAIL });

export function Forgot() {
  const [answer, setAnswer] = useState('');
  return (
    <Page title="Forgot your password?">
      <Card>
        <Form schema={ADDRESS} button="Send a link" onSubmit={async (values) => setAnswer((await forgotPassword(service, values)).message)}>
          <Field name="email" label="Email address" type="email" autoComplete="username" />
        </Form>
        <output>{answer}</output>
      </Card>
      <p className="links"><Link to="/login">Log in</Link></p>
    </Page>
  );
}
