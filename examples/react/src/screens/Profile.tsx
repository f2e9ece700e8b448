import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { countRecoveryCodes, removeAuthenticator, renewRecoveryCodes, requestVerification, startAuthenticator } from 'twofold-client';
import { useUser } from '../frames';
import { service } from '../service';
import { Action, Alert, Card, Page } from '../ui';
import { Passkeys } from './Passkeys';
import { RecoveryCodes } from './RecoveryCodes';
import { SetUp } from './SetUp';

export function Profile() {
  const user = useUser();
  const queries = useQueryClient();
  const [setup, setSetup] = useState<{ base32: string; otpauth_url: string }>();
  const [codes, setCodes] = useState<string[]>();
  const hasApp = user.second_factors.includes('totp');

  /** Shows new recovery codes, if there are any, and reads again what has changed. */
  function changed(newCodes?: string[]) {
    setSetup(undefined);
    setCodes(newCodes);
    return queries.invalidateQueries();
  }

  return (
    <Page title={`Hello, ${user.name}`}>
      <Card title="Email address">
        <p>{user.email}</p>
        {user.email_verified
          ? <p className="soft">Confirmed</p>
          : <Action run={() => requestVerification(service)} done="We have sent you a link.">Send a link to confirm it</Action>}
      </Card>
      <Card title="Authenticator app">
        <p className="soft">{hasApp ? 'On' : 'Off'}{user.otp_enabled ? '' : ': your password is enough to log in.'}</p>
        <Action run={async () => setSetup(await startAuthenticator(service))} className={hasApp ? '' : 'primary'}>
          {hasApp ? 'Set up another app' : 'Set up an app'}
        </Action>
        {hasApp && (
          <Action run={async () => { await removeAuthenticator(service); return changed(); }} sure="Turn off the authenticator app?">Turn off</Action>
        )}
      </Card>
      {user.otp_enabled && (
        <Card title="Recovery codes">
          <Remaining />
          <Action run={async () => changed((await renewRecoveryCodes(service)).recovery_codes)} sure="Replace your recovery codes? The old ones stop working.">
            Make new codes
          </Action>
        </Card>
      )}
      <Passkeys onChange={changed} />
      {setup && <SetUp setup={setup} onDone={changed} onClose={() => setSetup(undefined)} />}
      {codes && <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />}
    </Page>
  );
}

function Remaining() {
  const { data, error } = useQuery({ queryKey: ['recovery-codes'], queryFn: ({ signal }) => countRecoveryCodes(service, {}, { signal }) });
  if (error) return <Alert error={error} />;
  return <p className="soft">{data ? `${data.remaining} of 10 left` : '…'}</p>;
}
