import { useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { type Cancelled, type Refused, type SecondFactor as Factor, type SignedIn, submitCode, submitPasskey, supportsPasskeys } from 'twofold-client';
import { TOKEN } from '../fields';
import { service, useEnter } from '../service';
import { Action, Card, Check, Field, Form, Page } from '../ui';

export function SecondFactor() {
  const enter = useEnter();
  const navigate = useNavigate();
  const { state } = useLocation();
  const [isRecovery, setIsRecovery] = useState(false);
  const [isRemembered, setIsRemembered] = useState(false);
  // Only the login says which the user has: in a new tab, all are offered.
  const factors: Factor[] = state?.factors ?? ['totp', 'passkey'];

  function settle(result: SignedIn | Cancelled | Refused<string>) {
    if (result.outcome === 'signedIn') return enter();
    if (result.outcome === 'cancelled') return undefined;
    if (result.problem.code !== 'login_expired') throw result.problem;
    return navigate('/login', { replace: true, state: { ...state, notice: result.problem.message } });
  }

  // The service's DEVICE_LIFETIME; with 0 no device is remembered.
  const remember = <Check label="Remember this device for 30 days" checked={isRemembered} onChange={setIsRemembered} />;
  return (
    <Page key={String(isRecovery)} title={isRecovery ? 'Enter a recovery code' : 'Confirm it’s you'}>
      <Card>
        {isRecovery && (
          <Form schema={TOKEN} button="Continue" onSubmit={async (values) => settle(await submitCode(service, values))}>
            <Field name="token" label="Recovery code" hint="Each code works once." autoComplete="off" />
          </Form>
        )}
        {!isRecovery && factors.includes('totp') && (
          <Form schema={TOKEN} button="Continue" onSubmit={async (values) => settle(await submitCode(service, { ...values, remember_device: isRemembered }))}>
            <Field name="token" label="Six-digit code" hint="Your authenticator app shows it." inputMode="numeric" autoComplete="one-time-code" />
            {remember}
          </Form>
        )}
        {!isRecovery && !factors.includes('totp') && remember}
        {!isRecovery && factors.includes('passkey') && supportsPasskeys() && (
          <Action run={async () => settle(await submitPasskey(service, { remember_device: isRemembered }))}>Use a passkey</Action>
        )}
        <button type="button" className="quiet" onClick={() => setIsRecovery(!isRecovery)}>
          {isRecovery ? 'Back' : 'Use a recovery code instead'}
        </button>
      </Card>
      <p className="links"><Link to="/login">Log in as someone else</Link></p>
    </Page>
  );
}
