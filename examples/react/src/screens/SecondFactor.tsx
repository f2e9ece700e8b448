import { useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { type Cancelled, type Refused, type SecondFactor as Factor, type SignedIn, submitCode, submitPasskey, supportsPasskeys } from 'twofold-client';
import { z } from 'zod';
import { CODE } from '../fields';
import { service, useEnter } from '../service';
import { Action, Card, Field, Form, Page } from '../ui';

const TOKEN = z.object({ token: CODE });

export function SecondFactor() {
  const enter = useEnter();
  const navigate = useNavigate();
  const { state } = useLocation();
  const [isRecovery, setIsRecovery] = useState(false);
  const factors: Factor[] = state?.factors ?? ['totp'];

  function settle(result: SignedIn | Cancelled | Refused<string>) {
    if (result.outcome === 'signedIn') return enter();
    if (result.outcome === 'cancelled') return undefined;
    if (result.problem.code !== 'login_expired') throw result.problem;
    return navigate('/login', { replace: true, state: { ...state, notice: result.problem.message } });
  }

  return (
    <Page key={String(isRecovery)} title={isRecovery ? 'Enter a recovery code' : 'Confirm it’s you'}>
      <Card>
        {factors.includes('passkey') && supportsPasskeys() && (
          <Action className="primary" run={async () => settle(await submitPasskey(service))}>Use a passkey</Action>
        )}
        {(isRecovery || factors.includes('totp')) && (
          <Form schema={TOKEN} button="Continue" onSubmit={async (values) => settle(await submitCode(service, values))}>
            {isRecovery
              ? <Field name="token" label="Recovery code" hint="Each code works once." autoComplete="off" />
              : <Field name="token" label="Six-digit code" hint="Your authenticator app shows it." inputMode="numeric" autoComplete="one-time-code" />}
          </Form>
        )}
        <button type="button" className="quiet" onClick={() => setIsRecovery(!isRecovery)}>
          {isRecovery ? 'Back' : 'Use a recovery code instead'}
        </button>
      </Card>
      <p className="links"><Link to="/login">Log in as someone else</Link></p>
    </Page>
  );
}
